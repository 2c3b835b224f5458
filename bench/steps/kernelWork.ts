// What a call of a kernel has to do: its arithmetic, where that counts, and its bytes.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { attentionFlops } from '../flops.js';

export interface Work {
  /** The kernel, and for products and attention their shapes. */
  name: string;
  flops: number;
  bytes: number;
}

/** Their outputs are their inputs. */
const views = ['Identity', 'Reshape', 'ExpandDims'];

function bytesOf(tensors: readonly TensorInfo[]): number {
  return tensors.reduce((sum, { shape, dtype }) => sum + util.sizeFromShape(shape) * util.bytesPerElement(dtype), 0);
}

const products = ['BatchMatMul', '_FusedMatMul'];
const attentions: Record<string, 'forward' | 'backward'> = {
  FusedAttention: 'forward',
  FusedAttentionGrad: 'backward',
};

function productWork([a, b]: readonly TensorInfo[], { transposeA, transposeB }: Record<string, unknown>) {
  const batch = Math.max(...[a, b].map(({ shape }) => util.sizeFromShape(shape.slice(0, -2))));
  const [m, k] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
  const n = b.shape.at(transposeB ? -2 : -1)!;
  const form = `${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'}`;
  return { flops: 2 * batch * m * k * n, shape: `${form} ${batch > 1 ? `${batch}x` : ''}[${m},${k}]x[${k},${n}]` };
}

/** Keys that a mask hides count all the same: in the steps there are none. */
function attentionWork(pass: 'forward' | 'backward', [q, k, v]: readonly TensorInfo[], attrs: Record<string, unknown>) {
  const [batch, heads, queries, depth] = q.shape;
  const [, keyHeads, keys, valueDepth] = [...k.shape.slice(0, 3), v.shape[3]];
  const sizes = { batch, heads, keyHeads, queries, keys, depth, valueDepth };
  const headScales = Array.isArray(attrs.headScales) ? (attrs.headScales as number[]) : undefined;
  return { flops: attentionFlops(sizes, { headScales })[pass], shape: `${q.shape.join('x')}, M ${keys}` };
}

/** @param inputs in the order in which the kernel has them */
export function workOf(
  kernel: string,
  inputs: readonly TensorInfo[],
  outputs: readonly TensorInfo[],
  attributes: object,
): Work {
  const bytes = views.includes(kernel) ? 0 : bytesOf(inputs) + bytesOf(outputs);
  const attrs = attributes as Record<string, unknown>;
  if (products.includes(kernel)) {
    const { flops, shape } = productWork(inputs, attrs);
    return { name: `${kernel} ${shape}`, flops, bytes };
  }
  if (kernel in attentions) {
    const { flops, shape } = attentionWork(attentions[kernel], inputs, attrs);
    return { name: `${kernel} ${shape}`, flops, bytes };
  }
  return { name: kernel, flops: 0, bytes };
}
