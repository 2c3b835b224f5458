import type { LayersModel } from '@tensorflow/tfjs-layers';
import { explain } from '../analysis/explain.js';
import { shortened } from '../checks/quoted.js';
import type { Cases } from '../data/labelledData.js';
import { ImagePatches } from '../layers/imagePatches.js';
import { percent } from '../report/numbers.js';

/** A position that weighed in what a model says of a case; all numbers from 1. */
export interface WeighedPosition {
  /** Of a series or of tokens; of an image, the patch's, row by row. */
  position: number;
  /** Its share of all positions' weight, from 0 to 1. */
  share: number;
  /** Of tokens: its name. */
  token?: string;
  /** Of an image: where the patch is, in patches. */
  row?: number;
  column?: number;
}

/** What can be said of a position besides its number. */
function placeOf(model: LayersModel, data: Cases, index: number): (position: number) => Partial<WeighedPosition> {
  if ('tokens' in data) return (at) => ({ token: data.vocabulary[data.tokens[index][at]] });
  const patches = model.layers.find((layer) => layer instanceof ImagePatches);
  if (!('images' in data) || !patches) return () => ({});
  const columns = data.width / (patches.getConfig() as { patchSize: number }).patchSize;
  return (at) => ({ row: Math.floor(at / columns) + 1, column: (at % columns) + 1 });
}

/**
 * The positions of each case that weighed most, see explain.
 *
 * @param model a trained model
 * @param data standardised as the model's training data was
 * @param count of positions of each case, at most
 * @returns for each case its positions, the one with the largest share first
 */
export function explanations(model: LayersModel, data: Cases, count: number): WeighedPosition[][] {
  return explain(model, data).map(({ case: index, shares }) => {
    const place = placeOf(model, data, index);
    return Array.from(shares, (share, at) => ({ position: at + 1, share, ...place(at) }))
      .sort((a, b) => b.share - a.share || a.position - b.position)
      .slice(0, count);
  });
}

/** '12 (9 %), 13 (8 %)'; of tokens '3 MAX (9 %)', of images '5 (row 1, column 5: 9 %)'. */
export function explanationText(positions: readonly WeighedPosition[]): string {
  return positions
    .map(({ position, share, token, row, column }) => {
      const name = token === undefined ? '' : ` ${shortened(token)}`;
      const place = row === undefined ? '' : `row ${row}, column ${column}: `;
      return `${position}${name} (${place}${percent(share, 1)})`;
    })
    .join(', ');
}
