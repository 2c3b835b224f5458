import { type Cases, checkKind, type DataKind, type DataOfKind } from '../labelledData.js';
import { images } from './images.js';
import type { KindTraits } from './kindTraits.js';
import { series } from './series.js';
import { tokens } from './tokens.js';

const traits: { readonly [Kind in DataKind]: KindTraits<Cases<DataOfKind[Kind]>> } = { series, images, tokens };

/**
 * @param data of any kind
 * @param owner the calling function's name, for errors
 * @returns what is particular to the kind of this data
 */
export function traitsOf<Data extends Cases>(data: Data, owner = 'kindOf'): KindTraits<Data> {
  return traits[checkKind(owner, data)] as unknown as KindTraits<Data>;
}
