// The gradient of products of batches that are broadcast: tfjs-core's has the shape of the output's batch.

import { BatchMatMul, type GradConfig, matMul, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';

/** The sum over what was broadcast; tfjs's `getReductionAxes` does not know of what was broadcast to nothing. */
function reduceTo(gradient: Tensor, { shape }: Tensor): Tensor {
  const missing = gradient.rank - shape.length;
  const axes = gradient.shape.flatMap((size, axis) => (size === (shape[axis - missing] ?? -1) ? [] : [axis]));
  return reshape(axes.length > 0 ? sum(gradient, axes) : gradient, shape);
}

/** C = op(A) op(B): dA = dC op(B)^T and dB = op(A)^T dC, transposed as A and B are. */
export const batchMatMulGradient: GradConfig = {
  kernelName: BatchMatMul,
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, [a, b], attributes) => {
    const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
    const dC = dy as Tensor;
    return {
      a: () => reduceTo(transposeA ? matMul(b, dC, transposeB, true) : matMul(dC, b, false, !transposeB), a),
      b: () => reduceTo(transposeB ? matMul(dC, a, true, transposeA) : matMul(a, dC, !transposeA, false), b),
    };
  },
};
