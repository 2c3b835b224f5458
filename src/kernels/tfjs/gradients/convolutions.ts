// Gradients of convolutions with space between their taps, which tfjs-core refuses.

import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  engine,
  getBackend,
  getGradient,
  type GradConfig,
  type NamedAttrMap,
  type Tensor,
} from '@tensorflow/tfjs-core';

const isSpaced = (dilations: unknown) => [dilations ?? 1].flat().some((one) => one !== 1);

/** Kernels of tfjs's other backends do not know of dilations. */
function spaced(kernelName: string, [inputGradient, filterGradient]: [string, string]): GradConfig {
  const tfjs = getGradient(kernelName);
  return {
    kernelName,
    inputsToSave: ['x', 'filter'],
    gradFunc: (dy, saved, attributes) => {
      if (!isSpaced(attributes.dilations) || getBackend() !== 'wasm') return tfjs.gradFunc(dy, saved, attributes);
      const [x, filter] = saved;
      const run = (name: string, inputs: Record<string, Tensor>, shapes: NamedAttrMap): Tensor =>
        engine().runKernel(name, inputs, { ...attributes, ...shapes });
      return {
        x: () => run(inputGradient, { dy: dy as Tensor, filter }, { inputShape: x.shape }),
        filter: () => run(filterGradient, { x, dy: dy as Tensor }, { filterShape: filter.shape }),
      };
    },
  };
}

export const convolutionGradients = () => [
  spaced(Conv2D, [Conv2DBackpropInput, Conv2DBackpropFilter]),
  spaced(DepthwiseConv2dNative, [DepthwiseConv2dNativeBackpropInput, DepthwiseConv2dNativeBackpropFilter]),
];
