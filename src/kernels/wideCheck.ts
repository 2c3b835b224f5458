// The guard of wide builds: V8's fusion of vectors is experimental, so the result of a small product is checked, and that
// it is as fast as only fused vectors are.

import type { Instructions } from '../runtime/builds.js';
import type { Heap } from '../runtime/heap.js';
import { runProduct } from './product.js';

/** Ragged in both directions, and deep enough to leave the first-level cache of packed terms. */
const [ROWS, DEPTH, COLUMNS] = [61, 300, 77];

/** A fused tile is twice as fast as a narrow one, one that is not fused half as fast. */
const LEAST_SPEED = 1.2;
const TIMINGS = 7;
/** Milliseconds until V8 has optimised the narrow build; the wide one is compiled so. */
const WARM_UP = 100;

/** Integers so small that float32 holds every sum exactly. */
const value = (i: number, j: number) => ((i * 7 + j * 13) % 11) - 5;

/** Best time of a few products, in milliseconds. */
function timeOf(run: () => void): number {
  let best = Infinity;
  for (let turn = 0; turn < TIMINGS; turn++) {
    const start = performance.now();
    for (let repeat = 0; repeat < 8; repeat++) run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/**
 * Checks the wide build on `heap`; `narrow` are the instructions to compare its speed with.
 * @throws Error that says what is wrong.
 */
export function checkWide(heap: Heap, narrow: Instructions): void {
  const sizes = [ROWS * DEPTH, DEPTH * COLUMNS, ROWS * COLUMNS];
  heap.withScratch(4 * (sizes[0] + sizes[1] + sizes[2]), (a) => {
    const [b, c] = [a + 4 * sizes[0], a + 4 * (sizes[0] + sizes[1])];
    heap
      .float32(a, sizes[0])
      .set(Float32Array.from({ length: sizes[0] }, (_, i) => value(Math.floor(i / DEPTH), i % DEPTH)));
    heap
      .float32(b, sizes[1])
      .set(Float32Array.from({ length: sizes[1] }, (_, i) => value(Math.floor(i / COLUMNS), i % COLUMNS)));
    const run = () => runProduct(heap, { a, b, c, rows: ROWS, columns: COLUMNS, depth: DEPTH });
    heap.withInstructions('wide', run);
    const product = heap.float32(c, sizes[2]);
    for (let i = 0; i < sizes[2]; i++) {
      const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
      let sum = 0;
      for (let t = 0; t < DEPTH; t++) sum += value(row, t) * value(t, column);
      if (product[i] !== sum) throw new Error('V8 computed a product wrongly with fused vectors of 256 bits');
    }
    const wide = heap.withInstructions('wide', () => timeOf(run));
    const speed = heap.withInstructions(narrow, () => {
      for (const end = performance.now() + WARM_UP; performance.now() < end;) run();
      return timeOf(run) / wide;
    });
    if (speed < LEAST_SPEED) {
      throw new Error(
        `V8 fuses no vectors here: products take ${(1 / speed).toFixed(1)} times as long as with 128 bits (it needs AVX2)`,
      );
    }
  });
}
