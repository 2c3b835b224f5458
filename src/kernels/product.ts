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
 * In how many equal parts the terms of a product are summed up. Where they are many and C is small (the gradient of a
 * kernel: a term is a position of the batch), a part is a task that packs and uses its terms while they are in the cache;
 * one product would cut C into tasks, and each would pack all terms again. It depends on sizes only, as its rounding does.
 */
function partsOf({ rows, columns, depth, aOffsets = [0], bias, activation = 'linear' }: Product): number {
  if (aOffsets.length !== 1 || bias || activation !== 'linear' || depth < 16 * Math.max(rows, columns)) return 1;
  for (let parts = MOST_PARTS; parts >= LEAST_PARTS; parts--) {
    if (depth % parts === 0 && depth >= parts * PART_TERMS) return parts;
  }
  return 1;
}

/** A product in parts: as a batch of products, which are added up in order. */
function runInParts(heap: Heap, product: Product, parts: number): void {
  const { c, rows, columns, depth, windows, operandColumns = columns } = product;
  const { transposeA = false, transposeB = false } = product;
  const terms = depth / parts;
  const aStep = transposeA && windows === undefined ? rows : 1;
  const offsets = (step: number) => Array.from({ length: parts }, (_, part) => part * terms * step);
  heap.withScratch(4 * parts * rows * columns, (sums) => {
    runBatch(heap, {
      ...product,
      ...{ c: sums, depth: terms, operandDepth: depth },
      ...{ aOffsets: offsets(aStep), bOffsets: offsets(transposeB ? 1 : operandColumns) },
    });
    sumColumns(heap, { out: c, x: sums, rows: parts, columns: rows * columns });
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
