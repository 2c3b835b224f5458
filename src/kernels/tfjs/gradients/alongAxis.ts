// Gradients along an axis: tfjs-core's of cumsum transposes where nothing was transposed, that of prod takes no axis that is
// counted from the end.

import { cumsum, Cumsum, getGradient, type GradConfig, Prod, type Tensor, util } from '@tensorflow/tfjs-core';

const cumsumGradient: GradConfig = {
  kernelName: Cumsum,
  gradFunc: (dy, _, attributes) => {
    const { axis, exclusive, reverse } = attributes as { axis: number; exclusive: boolean; reverse: boolean };
    return { x: () => cumsum(dy as Tensor, axis, exclusive, !reverse) };
  },
};

/** tfjs-core's gradient of prod, with axes from 0 up. */
function prodGradient(): GradConfig {
  const own = getGradient(Prod);
  return {
    ...own,
    gradFunc: (dy, saved, attributes) => {
      const axis = util.parseAxisParam(attributes.axis as number | number[], saved[0].shape);
      return own.gradFunc(dy, saved, { ...attributes, axis });
    },
  };
}

export const axisGradients = (): GradConfig[] => [cumsumGradient, prodGradient()];
