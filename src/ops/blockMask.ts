// pa.blockMask: patterns of blocks for sparse attention.

import { Block } from '../runtime/generated/bindings.js';
import { checkInteger, checkOptions, formatValue } from '../checks/values.js';

/** Whether query `query` of head `head` sees key `key`. */
export type BlockPredicate = (head: number, query: number, key: number) => boolean;

/** [queries / blockSize][keys / blockSize], or one such for each head: truthy where the block is seen. */
export type BlockPattern =
  readonly (readonly (boolean | number)[])[] | readonly (readonly (readonly (boolean | number)[])[])[];

/** Sizes of a `blockMask`. */
export interface BlockMaskOptions {
  /** Number of queries N. */
  queries: number;
  /** Number of keys M; default N. */
  keys?: number;
  /** Heads that differ: H, or 1 (default) where all are alike. A pattern of three dimensions says so itself. */
  heads?: number;
  /** Queries and keys a side of a block, a multiple of 8; default 64, the tile of the kernels. */
  blockSize?: number;
}

/** Which blocks of queries and keys see each other. Made by `pa.blockMask`, reusable, immutable. */
export class BlockMask {
  /** Blocks along the queries and along the keys. */
  readonly rows: number;
  readonly columns: number;
  /** Entries [heads][rows][columns], see Block in assembly/attention/problem.ts. */
  readonly table: Int32Array;
  /** [n][key][query / 8], one bit for each pair in a block. */
  readonly bitmaps: Uint8Array;

  constructor(
    source: BlockPredicate | BlockPattern,
    readonly heads: number,
    readonly queries: number,
    readonly keys: number,
    readonly blockSize: number,
  ) {
    if (typeof source !== 'function' && !Array.isArray(source)) {
      throw new Error(`blockMask: source was ${formatValue(source)}; it must be a function or nested arrays`);
    }
    checkInteger('blockMask', 'queries', queries, 1, 2 ** 28);
    checkInteger('blockMask', 'keys', keys, 1, 2 ** 28);
    checkInteger('blockMask', 'heads', heads, 1, 2 ** 16);
    checkInteger('blockMask', 'blockSize', blockSize, 8, 2 ** 16);
    if (blockSize % 8 !== 0) throw new Error(`blockMask: blockSize was ${blockSize}; it must be a multiple of 8`);
    this.rows = Math.ceil(queries / blockSize);
    this.columns = Math.ceil(keys / blockSize);
    this.table = new Int32Array(heads * this.rows * this.columns);
    this.bitmaps = typeof source === 'function' ? this.fromPredicate(source) : this.fromPattern(source);
  }

  /** Share of the blocks that cost something, 0 to 1. */
  get density(): number {
    return this.table.length === 0 ? 0 : this.table.filter((kind) => kind !== Block.HIDDEN).length / this.table.length;
  }

  private fromPredicate(sees: BlockPredicate): Uint8Array {
    const { blockSize, queries, keys } = this;
    const rowBytes = blockSize / 8;
    const bitmaps: Uint8Array[] = [];
    let entry = 0;
    for (let head = 0; head < this.heads; head++) {
      for (let row = 0; row < queries; row += blockSize) {
        for (let column = 0; column < keys; column += blockSize, entry++) {
          const bitmap = new Uint8Array(blockSize * rowBytes);
          const [height, width] = [Math.min(blockSize, queries - row), Math.min(blockSize, keys - column)];
          let seen = 0;
          for (let j = 0; j < width; j++) {
            for (let i = 0; i < height; i++) {
              if (!sees(head, row + i, column + j)) continue;
              bitmap[j * rowBytes + (i >> 3)] |= 1 << (i & 7);
              seen++;
            }
          }
          if (seen === 0) this.table[entry] = Block.HIDDEN;
          else if (seen === height * width) this.table[entry] = Block.WHOLE;
          else this.table[entry] = Block.FIRST_BITMAP + bitmaps.push(bitmap) - 1;
        }
      }
    }
    const bytes = new Uint8Array(bitmaps.length * blockSize * rowBytes);
    bitmaps.forEach((bitmap, index) => bytes.set(bitmap, index * bitmap.length));
    return bytes;
  }

  private fromPattern(pattern: BlockPattern): Uint8Array {
    const shape = [this.heads, this.rows, this.columns];
    const check = (values: unknown, dimension: number): readonly unknown[] => {
      if (Array.isArray(values) && values.length === shape[dimension]) return values as unknown[];
      const length = Array.isArray(values) ? `an array of ${values.length}` : formatValue(values);
      throw new Error(
        `blockMask: pattern held ${length} in dimension ${dimension} of [heads, rows, columns]; ` +
          `it must be [${shape.join(', ')}] for ${this.queries} queries and ${this.keys} keys in blocks of ${this.blockSize}`,
      );
    };
    const heads = isThreeDimensional(pattern) ? pattern : [pattern];
    this.table.set(
      check(heads, 0).flatMap((rows) =>
        check(rows, 1).flatMap((row) => check(row, 2).map((seen) => (seen ? Block.WHOLE : Block.HIDDEN))),
      ),
    );
    return new Uint8Array(0);
  }
}

function isThreeDimensional(pattern: BlockPattern): boolean {
  return Array.isArray(pattern) && Array.isArray(pattern[0]) && Array.isArray(pattern[0][0]);
}

/**
 * A sparse pattern for the option `blockMask` of `attention`: strided, dilated, block-local, global + local and any other.
 * Blocks that see nothing cost nothing; blocks that see all cost no more than without a pattern; the rest carry a bit for
 * each pair. Make it once and use it for every call: a predicate is asked heads x N x M times.
 *
 * @param source a predicate on single queries and keys, (head, query, key) => boolean, or a pattern of whole blocks,
 *   [N / blockSize][M / blockSize] or with one dimension more for the heads, truthy where the block is seen.
 * @param options sizes; see BlockMaskOptions.
 * @throws Error that names the argument, what it was and what it must be.
 * @see R. Child et al., "Generating Long Sequences with Sparse Transformers", for such patterns.
 */
export function blockMask(source: BlockPredicate | BlockPattern, options: BlockMaskOptions): BlockMask {
  checkOptions('blockMask', options, ['queries', 'keys', 'heads', 'blockSize'] satisfies (keyof BlockMaskOptions)[]);
  const { queries, keys = queries, blockSize = 64 } = options;
  const own = typeof source !== 'function' && isThreeDimensional(source) ? source.length : 1;
  const { heads = own } = options;
  return new BlockMask(source, heads, queries, keys, blockSize);
}
