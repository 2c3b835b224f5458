// Methods of tensors that tf.layers itself calls, in orthogonal initializers: LSTM, GRU and SimpleRNN have them by default.
// `@tensorflow/tfjs` brings all such methods; tfjs-core alone has none in Node.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

type StridedSlice = Parameters<typeof tf.stridedSlice> extends [unknown, ...infer Rest] ? Rest : never;

const methods: Record<string, (this: Tensor, ...args: never[]) => Tensor> = {
  flatten() {
    return tf.reshape(this, [this.size]);
  },
  reshape(shape: number[]) {
    return tf.reshape(this, shape);
  },
  sign() {
    return tf.sign(this);
  },
  stridedSlice(...args: StridedSlice) {
    return tf.stridedSlice(this, ...args);
  },
  transpose(perm?: number[]) {
    return tf.transpose(this, perm);
  },
};

/** Adds those that are missing. */
export function completeTensorMethods(): void {
  for (const [name, method] of Object.entries(methods)) {
    if (name in tf.Tensor.prototype) continue;
    Object.defineProperty(tf.Tensor.prototype, name, { value: method, writable: true, configurable: true });
  }
}
