// The guard of wide builds: V8's fusion of vectors is experimental, so the result of a product is checked, and that it is
// as fast as only fused vectors are.

import type { Instructions } from '../runtime/builds.js';
import type { Heap } from '../runtime/heap.js';
import { runProduct } from './product.js';

/** Ragged in both directions, and so large that tiles take nearly all of the time. */
const [ROWS, DEPTH, COLUMNS] = [121, 301, 157];

/** Values repeat after as many rows or columns. */
const PERIOD = 11;

/** Integers so small that float32 holds every sum exactly. */
const value = (i: number, j: number) => ((i * 7 + j * 13) % PERIOD) - 5;

/**
 * Speeds, against the narrow build's, that leave no doubt: fused tiles are 1.7 to 2 times as fast as narrow ones, wide
 * tiles that are not fused at most 0.75 times.
 */
const [NOT_FUSED, FUSED] = [0.8, 1.3];

/**
 * Milliseconds for which the narrow build's best time must stand: V8 optimises it while it runs, whereas the wide one is
 * compiled so.
 */
const SETTLED_MS = 100;
/** The best time stands if no later one is less than this share of it. */
const SAME_TIME = 0.9;
/** Milliseconds after which the best times so far decide. */
const LONGEST_MS = 2000;

function fill(values: Float32Array, columns: number): void {
  for (let i = 0; i < values.length; i++) values[i] = value(Math.floor(i / columns), i % columns);
}

/** Whether a matrix is the product, exactly. */
function isExact(product: Float32Array): boolean {
  const sums = Array.from({ length: PERIOD ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / PERIOD), i % PERIOD];
    let sum = 0;
    for (let t = 0; t < DEPTH; t++) sum += value(row, t) * value(t, column);
    return sum;
  });
  const expected = (i: number) => sums[(Math.floor(i / COLUMNS) % PERIOD) * PERIOD + ((i % COLUMNS) % PERIOD)];
  return product.every((found, i) => found === expected(i));
}

/**
 * How many times as fast as `narrow` the function `wide` is. They take turns, so that what else the machine does meets
 * both, and the best time of each counts: one turn is much shorter than a time slice of the system.
 */
function speedOf(wide: () => void, narrow: () => void): number {
  const timeOf = (run: () => void) => {
    const start = performance.now();
    run();
    return performance.now() - start;
  };
  let [bestWide, bestNarrow] = [Infinity, Infinity];
  const start = performance.now();
  for (let settling = start; ;) {
    bestWide = Math.min(bestWide, timeOf(wide));
    const time = timeOf(narrow);
    const now = performance.now();
    if (time < SAME_TIME * bestNarrow) settling = now;
    bestNarrow = Math.min(bestNarrow, time);
    const speed = bestNarrow / bestWide;
    const clear = now - settling >= SETTLED_MS && (speed <= NOT_FUSED || speed >= FUSED);
    if (clear || now - start >= LONGEST_MS) return speed;
  }
}

/**
 * Checks the wide build on `heap`: that its products are exact, and faster than with the instructions `narrow`. It takes
 * a tenth of a second, or up to two seconds where other processes keep the machine busy.
 * @returns what is wrong; undefined where nothing is.
 */
export function checkWide(heap: Heap, narrow: Instructions): string | undefined {
  const sizes = [ROWS * DEPTH, DEPTH * COLUMNS, ROWS * COLUMNS];
  return heap.withScratch(4 * (sizes[0] + sizes[1] + sizes[2]), (a) => {
    const [b, c] = [a + 4 * sizes[0], a + 4 * (sizes[0] + sizes[1])];
    fill(heap.float32(a, sizes[0]), DEPTH);
    fill(heap.float32(b, sizes[1]), COLUMNS);
    // What an earlier check left there is no result.
    heap.float32(c, sizes[2]).fill(NaN);
    const runWith = (instructions: Instructions) => () =>
      heap.withInstructions(instructions, () =>
        runProduct(heap, { a, b, c, rows: ROWS, columns: COLUMNS, depth: DEPTH }),
      );
    runWith('wide')();
    if (!isExact(heap.float32(c, sizes[2]))) return 'V8 computed a product wrongly with fused vectors of 256 bits';
    const speed = speedOf(runWith('wide'), runWith(narrow));
    if (speed > 1) return undefined;
    const times = (1 / speed).toFixed(1);
    return `V8 fuses no vectors here: products take ${times} times as long as with 128 bits (it needs AVX2)`;
  });
}
