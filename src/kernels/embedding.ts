// Embedding and its gradient: rows of a table by index.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/heap.js';
import { runSegments } from './segments.js';

export const EMBEDDING = 'Embedding';
export const EMBEDDING_GRAD = 'EmbeddingGrad';

export interface EmbeddingAttributes {
  /** Rows of the table. */
  count: number;
}

/** Inputs [indices [...S] (int32, 0 .. V - 1), table [V, C]]; output [[...S, C]]. */
function embedding({ inputs, backend }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [indices, table] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  const [count, width] = table.shape;
  const rows = util.sizeFromShape(indices.shape);
  return heap.computeOutputs([{ shape: [...indices.shape, width], dtype: table.dtype }], ([out]) => {
    const [a, b, c] = [out, table, indices].map((tensor) => heap.address(tensor));
    runSegments(heap, 'gatherRows', { rowValues: a, table: b, indices: c, rows, count, width });
  });
}

/** Inputs [indices, dY [...S, C]]; output [dTable [V, C]]. */
function embeddingGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [indices, dY] = inputs as unknown as TensorInfo[];
  const { count } = attrs as unknown as EmbeddingAttributes;
  const heap = Heap.of(backend);
  const width = dY.shape.at(-1)!;
  const rows = util.sizeFromShape(indices.shape);
  return heap.computeOutputs([{ shape: [count, width], dtype: dY.dtype }], ([dTable]) => {
    const [a, b, c] = [dY, dTable, indices].map((tensor) => heap.address(tensor));
    runSegments(heap, 'segmentSum', { rowValues: a, table: b, indices: c, rows, count, width });
  });
}

export const embeddingConfig: KernelConfig = { kernelName: EMBEDDING, backendName: 'wasm', kernelFunc: embedding };

export const embeddingGradConfig: KernelConfig = {
  kernelName: EMBEDDING_GRAD,
  backendName: 'wasm',
  kernelFunc: embeddingGrad,
};
