// What the peers compute: shapes, and data that is the same in each process.

import { normal } from '../random.js';
import { models, type StepModel } from '../steps/models.js';

/** softmax(q k^T / sqrt(D)) v, with q, k and v [B, H, N, D]. */
export interface AttentionCase {
  kind: 'attention';
  shape: [batch: number, heads: number, positions: number, headWidth: number];
}

/** [m, k] times [k, n]. */
export interface ProductCase {
  kind: 'matMul';
  shape: [m: number, k: number, n: number];
}

/** One kernel. */
export type KernelCase = AttentionCase | ProductCase;

/** A training step of `npm run bench -- steps`, with softmax attention. */
export interface StepCase {
  kind: 'step';
  model: StepModel;
}

export type Case = KernelCase | StepCase;

const attentions: AttentionCase['shape'][] = [
  [1, 8, 128, 64],
  [1, 8, 512, 64],
  [1, 8, 1024, 64],
  [1, 8, 2048, 64],
  [16, 8, 128, 64],
  [32, 8, 29, 64],
];

export const cases: readonly Case[] = [
  ...attentions.map((shape): Case => ({ kind: 'attention', shape })),
  { kind: 'matMul', shape: [928, 512, 2048] },
  ...models.map((model): Case => ({ kind: 'step', model })),
];

export function nameOf(one: Case): string {
  return one.kind === 'step' ? `step ${one.model.name}` : `${one.kind} ${one.shape.join('x')}`;
}

export function flopsOf({ kind, shape }: KernelCase): number {
  const product = (shape as number[]).reduce((product, size) => product * size, 1);
  return kind === 'matMul' ? 2 * product : 4 * product * shape[2];
}

export interface Operand {
  name: string;
  dims: number[];
  data: Float32Array;
}

/** The operands in our layout. */
export function operandsOf(one: KernelCase): Operand[] {
  const operand = (name: string, dims: number[]): Operand => {
    const count = dims.reduce((product, size) => product * size, 1);
    return { name, dims, data: normal(`${nameOf(one)} ${name}`, count) };
  };
  if (one.kind === 'attention') return ['q', 'k', 'v'].map((name) => operand(name, one.shape));
  const [m, k, n] = one.shape;
  return [operand('a', [m, k]), operand('b', [k, n])];
}

/** [A, B, C, D] as [A, C, B, D]. */
export function swapMiddle(data: Float32Array, [a, b, c, d]: readonly number[]): Float32Array {
  const out = new Float32Array(data.length);
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        const from = ((i * b + j) * c + k) * d;
        out.set(data.subarray(from, from + d), ((i * c + k) * b + j) * d);
      }
    }
  }
  return out;
}

/** What a peer tells of itself, and what its calls computed, by the call's name, in our layout. */
export interface PeerFacts {
  version: string;
  /** Of a step: the losses of the first three. */
  results: Record<string, Float32Array>;
  /** Floating-point operations of a call. Ours knows. */
  flops?: number;
}

/** Steps whose losses are compared. */
export const COMPARED_STEPS = 3;
