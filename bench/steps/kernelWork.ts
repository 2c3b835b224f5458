// What a call of a kernel has to do: its arithmetic, where that counts, and its bytes.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import {
  type FusedAttentionAttributes,
  fusedAttentionGradKernel,
  fusedAttentionKernel,
} from '../../src/kernels/attention.js';
import { linearGradKernel, linearKernel } from '../../src/kernels/linear.js';
import { momentStepKernel } from '../../src/kernels/momentStep.js';
import { attentionFlops } from '../../src/analysis/attentionFlops.js';

export interface Work {
  /** The kernel, and for products and attention their shapes. */
  name: string;
  flops: number;
  bytes: number;
}

type Inputs = readonly TensorInfo[];
type Attributes = Record<string, unknown>;
type Arithmetic = (inputs: Inputs, attributes: Attributes) => { flops: number; shape: string };

/** Their outputs are their inputs. */
const views = ['Identity', 'Reshape', 'ExpandDims'];

function bytesOf(tensors: Inputs): number {
  return tensors.reduce((sum, { shape, dtype }) => sum + util.sizeFromShape(shape) * util.bytesPerElement(dtype), 0);
}

const product: Arithmetic = ([a, b], { transposeA, transposeB }) => {
  const batch = Math.max(...[a, b].map(({ shape }) => util.sizeFromShape(shape.slice(0, -2))));
  const [m, k] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
  const n = b.shape.at(transposeB ? -2 : -1)!;
  const form = `${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'}`;
  return { flops: 2 * batch * m * k * n, shape: `${form} ${batch > 1 ? `${batch}x` : ''}[${m},${k}]x[${k},${n}]` };
};

/** `products`: how many of the size it needs. */
function linear(products: number): Arithmetic {
  return ([x, { shape }]) => {
    const [inner, units] = shape;
    const rows = util.sizeFromShape(x.shape.slice(0, -1));
    return { flops: 2 * products * rows * inner * units, shape: `[${rows},${inner}]x[${inner},${units}]` };
  };
}

/** Keys that a mask hides count all the same: in the steps there are none. */
function attention(pass: 'forward' | 'backward'): Arithmetic {
  return (_, attributes) => {
    const { runs } = attributes as unknown as FusedAttentionAttributes;
    const [{ batch, queries, headWidth }] = runs.map(({ sizes }) => sizes);
    const heads = runs.reduce((sum, { sizes }) => sum + sizes.heads, 0);
    return {
      flops: runs.reduce((sum, { sizes }) => sum + attentionFlops(sizes)[pass], 0),
      shape: `${batch}x${heads}x${queries}x${headWidth}, M ${runs.map(({ sizes }) => sizes.keys).join(', ')}`,
    };
  };
}

const arithmetics: Record<string, Arithmetic> = {
  BatchMatMul: product,
  _FusedMatMul: product,
  [linearKernel.name]: linear(1),
  [linearGradKernel.name]: linear(2),
  [fusedAttentionKernel.name]: attention('forward'),
  [fusedAttentionGradKernel.name]: attention('backward'),
};

/** @param inputs in the order in which the kernel has them */
export function workOf(kernel: string, inputs: Inputs, outputs: Inputs, attributes: object): Work {
  let bytes = views.includes(kernel) ? 0 : bytesOf(inputs) + bytesOf(outputs);
  // Of parameter, gradient and two moments, it writes all but the gradient in place.
  if (kernel === momentStepKernel.name) bytes = (7 / 4) * bytesOf(inputs);
  if (!(kernel in arithmetics)) return { name: kernel, flops: 0, bytes };
  const { flops, shape } = arithmetics[kernel](inputs, attributes as Attributes);
  return { name: `${kernel} ${shape}`, flops, bytes };
}
