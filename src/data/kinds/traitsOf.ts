import { type DataKind, type DataOfKind, kindOf, type LabelledData } from '../labelledData.js';
import { images } from './images.js';
import type { KindTraits } from './kindTraits.js';
import { series } from './series.js';
import { tokens } from './tokens.js';

const traits: { readonly [Kind in DataKind]: KindTraits<DataOfKind[Kind]> } = { series, images, tokens };

/** @returns what is particular to the kind of this data */
export function traitsOf<Data extends LabelledData>(data: Data): KindTraits<Data> {
  return traits[kindOf(data)] as unknown as KindTraits<Data>;
}
