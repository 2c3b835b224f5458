import type { AttentionMap } from './attentionMaps.js';

/** Weights as a picture shows them. */
export interface PositionMap {
  /** Cells on each side: blocks of positions where there are more than fit. */
  rows: number;
  columns: number;
  /** Width and height of a cell, in positions. */
  block: number;
  /** [rows, columns]: mean weight that a query of the block gives to a position of the block. */
  cells: Float32Array;
}

/**
 * Weights over positions: that of a key that stands for several is divided among them, so that heads with and without
 * averaged keys can be compared.
 *
 * @param map weights of a head
 * @returns [queries, positions], row by row
 */
export function positionWeights({ queries, keys, weights }: AttentionMap): Float32Array {
  const length = keys.at(-1)?.[1] ?? 0;
  if (keys.length === length) return weights;
  const spread = new Float32Array(queries * length);
  for (let i = 0; i < queries; i++) {
    keys.forEach(([from, to], j) => {
      spread.fill(weights[i * keys.length + j] / (to - from), i * length + from, i * length + to);
    });
  }
  return spread;
}

/**
 * A map over the positions of keys; see positionWeights.
 *
 * @param map weights of a head
 * @param most the most cells on a side
 */
export function positionMap(map: AttentionMap, most: number): PositionMap {
  const { queries, keys } = map;
  const length = keys.at(-1)?.[1] ?? 0;
  const block = Math.max(1, Math.ceil(Math.max(queries, length) / most));
  const [rows, columns] = [Math.ceil(queries / block), Math.ceil(length / block)];
  const cells = new Float32Array(rows * columns);
  const sizeOf = (cell: number, total: number) => Math.min(block, total - cell * block);
  const weights = positionWeights(map);
  for (let i = 0; i < queries; i++) {
    const row = Math.floor(i / block);
    for (let position = 0; position < length; position++) {
      const column = Math.floor(position / block);
      cells[row * columns + column] += weights[i * length + position] / (sizeOf(row, queries) * sizeOf(column, length));
    }
  }
  return { rows, columns, block, cells };
}
