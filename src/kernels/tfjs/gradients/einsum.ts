// The gradient of a sum over products by labels: another one.

import { Einsum, einsum, type GradConfig, mul, ones, reshape, type Tensor } from '@tensorflow/tfjs-core';

/** Of the operand with labels `own`, from those of the result and of the other operand. */
function gradientOf(dy: Tensor, own: string, operand: Tensor, result: string, other?: [string, Tensor]): Tensor {
  // Labels that only this operand has were summed up: the gradient is the same along them.
  const known = [...own].filter((label) => result.includes(label) || other?.[0].includes(label)).join('');
  const equation = `${[result, ...(other ? [other[0]] : [])].join()}->${known}`;
  const gradient = einsum(equation, dy, ...(other ? [other[1]] : []));
  if (known === own) return gradient;
  const shape = [...own].map((label, axis) => (known.includes(label) ? operand.shape[axis] : 1));
  return mul(reshape(gradient, shape), ones(operand.shape));
}

export const einsumGradient: GradConfig = {
  kernelName: Einsum,
  saveAllInputs: true,
  gradFunc: (dy, operands, attributes) => {
    const [inputs, result] = (attributes.equation as string).replaceAll(' ', '').split('->');
    const labels = inputs.split(',');
    return Object.fromEntries(
      operands.map((operand, i) => {
        const other: [string, Tensor] | undefined = operands.length > 1 ? [labels[1 - i], operands[1 - i]] : undefined;
        return [i, () => gradientOf(dy as Tensor, labels[i], operand, result, other)];
      }),
    );
  },
};
