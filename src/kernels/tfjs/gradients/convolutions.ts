// Gradients of convolutions with space between their taps, and of transposed ones of volumes, which tfjs-core lacks.

import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  Conv3D,
  Conv3DBackpropFilterV2,
  Conv3DBackpropInputV2,
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

/** A transposed convolution is linear in its input and in its filter, as the convolution is. */
function transposed(kernelName: string, [convolution, filterGradient]: [string, string]): GradConfig {
  const tfjs = getGradient(kernelName) as GradConfig | undefined;
  return {
    kernelName,
    inputsToSave: ['dy', 'filter'],
    gradFunc: (gradient, saved, attributes) => {
      if (tfjs && !isSpaced(attributes.dilations)) return tfjs.gradFunc(gradient, saved, attributes);
      const [dy, filter] = saved;
      const x = gradient as Tensor;
      const run = (name: string, inputs: Record<string, Tensor>, attrs: NamedAttrMap): Tensor =>
        engine().runKernel(name, inputs, { ...attributes, ...attrs });
      return {
        dy: () => run(convolution, { x, filter }, { dilations: attributes.dilations ?? 1 }),
        filter: () => run(filterGradient, { x, dy }, { filterShape: filter.shape }),
      };
    },
  };
}

export const convolutionGradients = () => [
  transposed(Conv2DBackpropInput, [Conv2D, Conv2DBackpropFilter]),
  transposed(Conv3DBackpropInputV2, [Conv3D, Conv3DBackpropFilterV2]),
  spaced(Conv2D, [Conv2DBackpropInput, Conv2DBackpropFilter]),
  spaced(Conv3D, [Conv3DBackpropInputV2, Conv3DBackpropFilterV2]),
  spaced(DepthwiseConv2dNative, [DepthwiseConv2dNativeBackpropInput, DepthwiseConv2dNativeBackpropFilter]),
];
