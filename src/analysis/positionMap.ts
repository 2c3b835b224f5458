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
 * A map over the positions of keys: the weight of a key that stands for several is divided among them, so that heads
 * with and without averaged keys can be compared.
 *
 * @param map weights of a head
 * @param most the most cells on a side
 */
export function positionMap({ queries, keys, weights }: AttentionMap, most: number): PositionMap {
  const length = keys.at(-1)?.[1] ?? 0;
  const block = Math.max(1, Math.ceil(Math.max(queries, length) / most));
  const [rows, columns] = [Math.ceil(queries / block), Math.ceil(length / block)];
  const cells = new Float32Array(rows * columns);
  const sizeOf = (cell: number, total: number) => Math.min(block, total - cell * block);
  for (let i = 0; i < queries; i++) {
    const row = Math.floor(i / block);
    keys.forEach(([from, to], j) => {
      const weight = weights[i * keys.length + j] / (to - from);
      for (let position = from; position < to; position++) {
        const column = Math.floor(position / block);
        cells[row * columns + column] += weight / (sizeOf(row, queries) * sizeOf(column, length));
      }
    });
  }
  return { rows, columns, block, cells };
}
