// Second derivatives of operations whose gradient is computed from their output. tfjs-core loses them without a word, or finds no
// gradient: it puts the output that it keeps on its tape before the operation, as if it did not depend on the input.

import { engine, Exp, getGradient, type GradConfig, Sigmoid, Softmax, Tanh } from '@tensorflow/tfjs-core';
import { gradientDepth } from '../../../runtime/gradients.js';

/** Within a gradient of a gradient the input is kept as well, and the output computed again from it. */
function ofOutput(kernelName: string, input: 'x' | 'logits'): GradConfig {
  const tfjs = getGradient(kernelName);
  return {
    kernelName,
    // tfjs reads it at every call.
    get inputsToSave() {
      return gradientDepth() > 1 ? [input] : [];
    },
    outputsToSave: [true],
    gradFunc: (dy, saved, attributes) => {
      const [x] = saved;
      const again = () => engine().runKernel(kernelName, { [input]: x }, attributes);
      return tfjs.gradFunc(dy, saved.length > 1 ? [again()].flat() : saved, attributes);
    },
  };
}

export const outputGradients = () => [
  ...[Exp, Sigmoid, Tanh].map((name) => ofOutput(name, 'x')),
  ofOutput(Softmax, 'logits'),
];
