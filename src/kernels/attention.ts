// FusedAttention and FusedAttentionGrad: softmax attention in one call each, over assembly/attention.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/backend.js';
import { kernelsOn, type Kernels } from '../runtime/builds.js';
import { writeStruct, type Field } from '../runtime/struct.js';

export const FUSED_ATTENTION = 'FusedAttention';
export const FUSED_ATTENTION_GRAD = 'FusedAttentionGrad';

/** A window side without a limit, as in assembly/attention/problem.ts. */
export const UNBOUNDED = 1 << 29;

/** Everything that is not a tensor, checked and with every default filled in. */
export interface AttentionAttributes {
  scale: number;
  /** int, one per sample: keys from there on are padding. */
  keyLengths: number[];
  /** int, one per sample, smaller in size than 2^28: position of query 0 among the keys. */
  queryOffsets: number[];
  /** Key j is seen from position p if p - left <= j <= p + right; UNBOUNDED for no limit. */
  left: number;
  right: number;
  /** 0 for none. */
  softcap: number;
  /** Rate, 0 to below 1. */
  dropout: number;
  seed: number;
}

/** The fields of AttentionProblem in assembly/attention/problem.ts, in its order. */
const problemLayout = {
  q: 'i32',
  k: 'i32',
  v: 'i32',
  out: 'i32',
  rowStates: 'i32',
  dOut: 'i32',
  dQ: 'i32',
  dK: 'i32',
  dV: 'i32',
  batch: 'i32',
  heads: 'i32',
  keyHeads: 'i32',
  queries: 'i32',
  keys: 'i32',
  depth: 'i32',
  valueDepth: 'i32',
  qBatch: 'i32',
  qHead: 'i32',
  qRow: 'i32',
  kBatch: 'i32',
  kHead: 'i32',
  kRow: 'i32',
  vBatch: 'i32',
  vHead: 'i32',
  vRow: 'i32',
  outBatch: 'i32',
  outHead: 'i32',
  outRow: 'i32',
  keyLengths: 'i32',
  queryOffsets: 'i32',
  left: 'i32',
  right: 'i32',
  maskKind: 'i32',
  mask: 'i32',
  maskBatch: 'i32',
  maskHead: 'i32',
  maskRow: 'i32',
  maskColumn: 'i32',
  scale: 'f32',
  softcap: 'f32',
  dropout: 'f32',
  seed: 'i32',
  scratch: 'i32',
} as const satisfies Record<string, Field>;

type Problem = Record<keyof typeof problemLayout, number>;

/** Strides, in elements, of a contiguous [b, h, n, width] tensor: batch, head, row. */
function strides([, heads, rows, width]: number[]): [number, number, number] {
  return [heads * rows * width, rows * width, width];
}

/** Strides, in elements, of `mask` read as [B, H, N, M]: 0 where it is broadcast. */
function maskStrides(mask: TensorInfo): number[] {
  const shape = [...new Array<number>(4 - mask.shape.length).fill(1), ...mask.shape];
  let stride = 1;
  return shape
    .reverse()
    .map((size) => {
      const own = size === 1 ? 0 : stride;
      stride *= size;
      return own;
    })
    .reverse();
}

interface Operands {
  q: TensorInfo;
  k: TensorInfo;
  v: TensorInfo;
  mask?: TensorInfo;
  out: TensorInfo;
  rowStates: TensorInfo;
  /** The backward pass has these too. */
  dOut?: TensorInfo;
  dQ?: TensorInfo;
  dK?: TensorInfo;
  dV?: TensorInfo;
}

/** How much scratch a problem needs, and the pass itself. */
type Pass = (kernels: Kernels) => [scratchBytes: (problem: number) => number, compute: (problem: number) => void];

/** Lays the problem out in scratch, asks the kernel for its own scratch, and runs it. */
function run(heap: Heap, operands: Operands, attributes: AttentionAttributes, pass: Pass): void {
  const kernels = kernelsOn(heap);
  const [scratchBytes, compute] = pass(kernels);
  const { q, k, v, mask, out } = operands;
  const address = (tensor?: TensorInfo) => (tensor ? heap.address(tensor) : 0);
  const [batch, heads, queries, depth] = q.shape;
  const [qBatch, qHead, qRow] = strides(q.shape);
  const [kBatch, kHead, kRow] = strides(k.shape);
  const [vBatch, vHead, vRow] = strides(v.shape);
  const [outBatch, outHead, outRow] = strides(out.shape);
  const [maskBatch, maskHead, maskRow, maskColumn] = mask ? maskStrides(mask) : [0, 0, 0, 0];
  const frameBytes = Math.ceil(kernels.attentionFrameBytes() / 16) * 16;

  heap.withScratch(frameBytes + 8 * batch, (frame) => {
    const keyLengths = frame + frameBytes;
    const queryOffsets = keyLengths + 4 * batch;
    const problem: Problem = {
      q: address(q),
      k: address(k),
      v: address(v),
      out: address(out),
      rowStates: address(operands.rowStates),
      dOut: address(operands.dOut),
      dQ: address(operands.dQ),
      dK: address(operands.dK),
      dV: address(operands.dV),
      batch,
      heads,
      keyHeads: k.shape[1],
      queries,
      keys: k.shape[2],
      depth,
      valueDepth: v.shape[3],
      ...{ qBatch, qHead, qRow, kBatch, kHead, kRow, vBatch, vHead, vRow, outBatch, outHead, outRow },
      keyLengths,
      queryOffsets,
      left: attributes.left,
      right: attributes.right,
      maskKind: mask ? (mask.dtype === 'bool' ? 1 : 2) : 0,
      mask: address(mask),
      ...{ maskBatch, maskHead, maskRow, maskColumn },
      scale: attributes.scale,
      softcap: attributes.softcap,
      dropout: attributes.dropout,
      seed: attributes.seed,
      scratch: 0,
    };
    writeStruct(heap.memory.buffer, frame, problemLayout, problem);
    heap.withScratch(scratchBytes(frame) >>> 0, (scratch) => {
      writeStruct(heap.memory.buffer, frame, problemLayout, { ...problem, scratch });
      heap.int32(keyLengths, batch).set(attributes.keyLengths);
      heap.int32(queryOffsets, batch).set(attributes.queryOffsets);
      compute(frame);
    });
  });
}

/** Inputs [q, k, v, mask?]; outputs [out [B,H,N,E], rowStates [2,B,H,N]: maxima, 1 / totals]. */
function fusedAttention({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [q, k, v, mask] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  const [batch, heads, queries] = q.shape;
  const outputs = [
    { shape: [batch, heads, queries, v.shape[3]], dtype: 'float32' as const },
    { shape: [2, batch, heads, queries], dtype: 'float32' as const },
  ];
  return heap.computeOutputs(outputs, ([out, rowStates]) => {
    run(heap, { q, k, v, mask, out, rowStates }, attrs as unknown as AttentionAttributes, (kernels) => [
      kernels.attentionForwardScratch,
      kernels.attentionForward,
    ]);
  });
}

/** Inputs [q, k, v, out, rowStates, dOut, mask?]; outputs [dQ, dK, dV], shaped as q, k, v. */
function fusedAttentionGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [q, k, v, out, rowStates, dOut, mask] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  return heap.computeOutputs([q, k, v], ([dQ, dK, dV]) => {
    const operands = { q, k, v, mask, out, rowStates, dOut, dQ, dK, dV };
    run(heap, operands, attrs as unknown as AttentionAttributes, (kernels) => [
      kernels.attentionBackwardScratch,
      kernels.attentionBackward,
    ]);
  });
}

export const fusedAttentionConfig: KernelConfig = {
  kernelName: FUSED_ATTENTION,
  backendName: 'wasm',
  kernelFunc: fusedAttention,
};

export const fusedAttentionGradConfig: KernelConfig = {
  kernelName: FUSED_ATTENTION_GRAD,
  backendName: 'wasm',
  kernelFunc: fusedAttentionGrad,
};
