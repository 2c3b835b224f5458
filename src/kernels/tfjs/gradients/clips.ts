// Gradients of ReLU, ReLU6 and clipByValue in one kernel each; tfjs-core makes them of up to six.

import {
  ClipByValue,
  engine,
  getBackend,
  getGradient,
  type GradConfig,
  type NamedAttrMap,
  Relu,
  Relu6,
  type Tensor,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { type ClipGradientAttributes, clipGradientKernel } from '../clip.js';

/** The smallest number that counts as positive: subnormal ones are 0. */
const POSITIVE = 2 ** -126;

function choose(x: Tensor, dy: Tensor, limits: ClipGradientAttributes): Tensor {
  return engine().runKernel(clipGradientKernel.name, { x, dy }, { ...limits });
}

function clipped(kernelName: string, limitsOf: (attributes: NamedAttrMap) => ClipGradientAttributes): GradConfig {
  const tfjs = getGradient(kernelName);
  return {
    ...tfjs,
    gradFunc: (dy, saved, attributes) => {
      const [x] = saved;
      const isOurs = getBackend() === 'wasm' && x.dtype === 'float32' && (dy as Tensor).dtype === 'float32';
      if (!isOurs) return tfjs.gradFunc(dy, saved, attributes);
      return { x: () => choose(x, dy as Tensor, limitsOf(attributes)) };
    },
  };
}

/** It is linear in dy, and the same in a neighbourhood of almost every x. */
const clipGradientGradient: GradConfig = {
  kernelName: clipGradientKernel.name,
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attributes) => ({
    x: () => zerosLike(x),
    dy: () => choose(x, dy as Tensor, attributes as unknown as ClipGradientAttributes),
  }),
};

export const clipGradients = () => [
  clipGradientGradient,
  clipped(Relu, () => ({ low: POSITIVE, high: Infinity })),
  clipped(Relu6, () => ({ low: POSITIVE, high: 6 })),
  clipped(ClipByValue, ({ clipValueMin, clipValueMax }) => {
    return { low: clipValueMin as number, high: clipValueMax as number };
  }),
];
