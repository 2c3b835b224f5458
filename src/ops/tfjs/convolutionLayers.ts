// What tf.layers' convolutions of tfjs-layers 4.22.0 do not do: conv1d with causal padding; conv1d and separableConv2d with
// channels first, which come out wrong; and gradients of conv2d with space between its taps, whose fused operation has none.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { fuseLayer } from './fuseLayer.js';

interface Variable {
  read(): Tensor;
}

/** A layer as its own code knows it. */
interface Layer {
  dataFormat: 'channelsFirst' | 'channelsLast';
  padding: 'valid' | 'same' | 'causal';
  kernelSize: number[];
  strides: number[];
  dilationRate: number[];
  kernel: Variable;
  bias: Variable | null;
  activation: { apply(x: Tensor): Tensor };
}

type Call = (this: Layer, inputs: Tensor | Tensor[], options?: object) => Tensor;

type OutputShape = (this: Layer, input: (number | null)[]) => (number | null)[];

/** The layer, with other settings. */
const withSettings = (layer: Layer, settings: Partial<Layer>): Layer =>
  Object.assign(Object.create(layer) as Layer, settings);

/** A call with the channels last, of a layer that may have them first. */
function channelsLast(layer: Layer, x: Tensor, call: (layer: Layer, x: Tensor) => Tensor): Tensor {
  if (layer.dataFormat === 'channelsLast') return call(layer, x);
  const places = x.shape.map((_, axis) => axis);
  const [batch, channels, ...space] = places;
  const turned = tf.transpose(x, [batch, ...space, channels]);
  const y = call(withSettings(layer, { dataFormat: 'channelsLast' }), turned);
  return tf.transpose(y, [batch, places.length - 1, ...space.map((axis) => axis - 1)]);
}

const isOurs = () => tf.getBackend() === 'wasm';

const mendConv1D = fuseLayer<Call>('Conv1D', (tfjsCall) => {
  return function (inputs, options) {
    if (!isOurs() || (this.padding !== 'causal' && this.dataFormat === 'channelsLast')) {
      return tfjsCall.call(this, inputs, options);
    }
    const call = (layer: Layer, x: Tensor) => {
      if (layer.padding !== 'causal') return tfjsCall.call(layer, x, options);
      const before = (layer.kernelSize[0] - 1) * layer.dilationRate[0];
      const padded = tf.pad3d(x as Tensor3D, [
        [0, 0],
        [before, 0],
        [0, 0],
      ]);
      return tfjsCall.call(withSettings(layer, { padding: 'valid' }), padded, options);
    };
    return tf.tidy(() => channelsLast(this, [inputs].flat()[0], call));
  };
});

/** tf.layers takes it for that of 'valid'. */
const mendConv1DShape = fuseLayer<OutputShape>(
  'Conv1D',
  (tfjsShape) => {
    return function (input) {
      return tfjsShape.call(this.padding === 'causal' ? withSettings(this, { padding: 'same' }) : this, input);
    };
  },
  'computeOutputShape',
);

const mendConv2D = fuseLayer<Call>('Conv2D', (tfjsCall) => {
  return function (inputs, options) {
    const { padding, dilationRate, strides, kernel, bias, activation } = this;
    if (!isOurs() || padding === 'causal' || dilationRate.every((rate) => rate === 1)) {
      return tfjsCall.call(this, inputs, options);
    }
    const call = (_: Layer, x: Tensor) => {
      const filter = kernel.read() as Tensor4D;
      const z = tf.conv2d(
        ...([x as Tensor4D, filter, strides as [number, number], padding] as const),
        ...(['NHWC', dilationRate as [number, number]] as const),
      );
      return activation.apply(bias ? tf.add(z, bias.read()) : z);
    };
    return tf.tidy(() => channelsLast(this, [inputs].flat()[0], call));
  };
});

const mendSeparableConv2D = fuseLayer<Call>('SeparableConv2D', (tfjsCall) => {
  return function (inputs, options) {
    if (!isOurs()) return tfjsCall.call(this, inputs, options);
    const call = (layer: Layer, x: Tensor) => tfjsCall.call(layer, x, options);
    return tf.tidy(() => channelsLast(this, [inputs].flat()[0], call));
  };
});

/** Puts ours in their place, or tfjs's back. */
export function mendConvolutionLayers(mended: boolean): void {
  for (const mend of [mendConv1D, mendConv1DShape, mendConv2D, mendSeparableConv2D]) mend(mended);
}
