// Products of matrices on the heap, with bias and activation: what all kernels with products call.

import type { Heap } from '../runtime/heap.js';
import { withProblem } from '../runtime/problem.js';
import { sumColumns } from './columnSums.js';
import { type Product, productFields } from './productProblem.js';

/** Terms of a part at least. */
const PART_TERMS = 256;
/** Parts at most, and at least: enough tasks for many threads. */
const [MOST_PARTS, LEAST_PARTS] = [24, 12];

/**
 * In how many parts the terms of a product are summed up, of the same size if they can be. Where they are many and C is small (the gradient of a
 * kernel: a term is a position of the batch), a part is a task that packs and uses its terms while they are in the cache;
 * one product would cut C into tasks, and each would pack all terms again. It depends on sizes only, as its rounding does.
 */
function partsOf({ rows, columns, depth, aOffsets = [0], bias, activation = 'linear' }: Product): number {
  if (aOffsets.length !== 1 || bias || activation !== 'linear' || depth < 16 * Math.max(rows, columns)) return 1;
  const most = Math.min(MOST_PARTS, Math.floor(depth / PART_TERMS));
  for (let parts = most; parts >= LEAST_PARTS; parts--) if (depth % parts === 0) return parts;
  return most >= LEAST_PARTS ? most : 1;
}

/** A product in parts: as a batch of products, and one of the few terms that may be left, which are added up in order. */
function runInParts(heap: Heap, product: Product, parts: number): void {
  const { c, rows, columns, depth, windows, operandColumns = columns } = product;
  const { transposeA = false, transposeB = false } = product;
  const terms = Math.floor(depth / parts);
  const rest = depth - parts * terms;
  const aStep = transposeA && windows === undefined ? rows : 1;
  const bStep = transposeB ? 1 : operandColumns;
  const size = rows * columns;
  const run = (out: number, first: number, count: number, depth: number) => {
    const offsets = (step: number) => Array.from({ length: count }, (_, part) => (first + part * terms) * step);
    const place = { c: out, depth, aOffsets: offsets(aStep), bOffsets: offsets(bStep) };
    runBatch(heap, { ...product, operandDepth: product.depth, ...place });
  };
  heap.withScratch(4 * (parts + 1) * size, (sums) => {
    run(sums, 0, parts, terms);
    if (rest > 0) run(sums + 4 * parts * size, parts * terms, 1, rest);
    sumColumns(heap, { out: c, x: sums, rows: rest > 0 ? parts + 1 : parts, columns: size });
  });
}

/** Runs a product of float32 or, without an epilogue, int32 matrices. Throws OutOfMemoryError. */
export function runProduct(heap: Heap, product: Product, dtype = 'float32'): void {
  const parts = dtype === 'float32' ? partsOf(product) : 1;
  if (parts > 1) runInParts(heap, product, parts);
  else runBatch(heap, product, dtype);
}

function runBatch(heap: Heap, product: Product, dtype = 'float32'): void {
  withProblem(heap, 'ProductProblem', productFields(product), (problem) => {
    if (dtype === 'int32') {
      problem.call('productInt32');
      return;
    }
    const bytes = problem.call('packRightBytes');
    if (bytes === 0) {
      problem.run('product');
      return;
    }
    heap.withScratch(bytes, (packed) => {
      problem.set('packed', packed);
      problem.run('packRight');
      problem.run('product');
    });
  });
}
