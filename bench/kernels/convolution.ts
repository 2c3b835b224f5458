// Convolutions of images, whole and by channel, forward against tfjs's XNNPACK, and their gradients, which tfjs lacks on wasm.

import * as tf from '@tensorflow/tfjs-core';
import type { Pass, Row } from './rows.js';

type Sizes = readonly [
  batch: number,
  side: number,
  channels: number,
  outChannels: number,
  taps: number,
  stride: number,
];

type Convolve = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor;

function row(kernel: string, pass: Pass, sizes: Sizes): Row {
  const [batch, side, channels, outChannels, taps, stride] = sizes;
  const byChannel = kernel === 'conv2d depthwise';
  const filterShape = [taps, taps, channels, byChannel ? 1 : outChannels] as const;
  return {
    kernel,
    pass,
    shape: `${batch}x${side}x${side}x${channels} ${taps}x${taps}${byChannel ? '' : `x${outChannels}`}/${stride}`,
    beside: pass === 'forward' ? 'tfjs' : undefined,
    prepare() {
      const x = tf.randomNormal<tf.Rank.R4>([batch, side, side, channels], 0, 1, 'float32', 1);
      const filter = tf.randomNormal<tf.Rank.R4>([...filterShape], 0, 0.1, 'float32', 2);
      const convolve: Convolve = (a, b) => (byChannel ? tf.depthwiseConv2d : tf.conv2d)(a, b, stride, 'same');
      const out = Math.ceil(side / stride);
      const dY = tf.randomNormal([batch, out, out, outChannels], 0, 1, 'float32', 3);
      const forward = 2 * batch * out * out * outChannels * taps * taps * (byChannel ? 1 : channels);
      const gradients = tf.grads(convolve as (a: tf.Tensor, b: tf.Tensor) => tf.Tensor);
      const call = () =>
        tf.dispose(tf.tidy(() => (pass === 'forward' ? convolve(x, filter) : gradients([x, filter], dY))));
      // Backward has as much arithmetic for the input and for the filter each.
      const flops = pass === 'forward' ? forward : 3 * forward;
      return { flops, ours: call, tfjs: call, dispose: () => tf.dispose([x, filter, dY]) };
    },
  };
}

const whole: readonly Sizes[] = [
  [32, 28, 1, 16, 3, 1],
  [32, 13, 16, 32, 3, 1],
  [1, 224, 3, 64, 7, 2],
  [8, 96, 3, 16, 3, 2],
  [8, 14, 16, 32, 5, 1],
  [1, 56, 64, 64, 3, 1],
  [8, 28, 128, 128, 3, 1],
  [1, 14, 256, 256, 3, 1],
  [1, 7, 512, 512, 3, 1],
  [64, 8, 64, 64, 3, 1],
  [8, 28, 64, 128, 3, 2],
  [1, 56, 64, 128, 1, 1],
  [8, 14, 256, 256, 1, 1],
  [1, 7, 512, 512, 1, 1],
];

const byChannel: readonly Sizes[] = [
  [4, 48, 16, 16, 3, 1],
  [4, 48, 32, 32, 3, 2],
  [1, 56, 128, 128, 3, 1],
  [8, 14, 512, 512, 3, 1],
];

const passes = ['forward', 'forward+backward'] as const;

export const convolutionRows: readonly Row[] = [
  ...whole.flatMap((sizes) => passes.map((pass) => row('conv2d', pass, sizes))),
  ...byChannel.flatMap((sizes) => passes.map((pass) => row('conv2d depthwise', pass, sizes))),
];
