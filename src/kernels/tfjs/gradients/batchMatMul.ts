// The gradient of products of batches that are broadcast: tfjs-core's has the shape of the output's batch.

import { BatchMatMul, type GradConfig, matMul, type Tensor } from '@tensorflow/tfjs-core';
import { reduceTo } from './reduceTo.js';

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
