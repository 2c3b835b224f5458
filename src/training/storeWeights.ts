import type * as tf from '@tensorflow/tfjs-core';
import { float16Of } from '../float16.js';

/** How weights are stored: as they are, in half the bytes, or in a quarter. */
export type WeightStorage = 'float32' | 'float16' | 'uint8';

export const weightStorages: readonly WeightStorage[] = ['float32', 'float16', 'uint8'];

type Spec = tf.io.WeightsManifestEntry;

/** A weight in bytes, and what tfjs has to know to read them. */
interface Stored {
  spec: Spec;
  bytes: Uint8Array;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array | Uint16Array | Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

function inHalves(spec: Spec, values: Float32Array): Stored {
  const halves = Uint16Array.from(values, (value) => {
    const half = float16Of(value);
    if ((half & 0x7fff) < 0x7c00) return half;
    throw new Error(`save: weight '${spec.name}' had ${value}, which float16 cannot hold; weights must be 'float32'`);
  });
  return { spec: { ...spec, quantization: { dtype: 'float16' } }, bytes: bytesOf(halves) };
}

/** 256 steps from the least number to the largest. */
function inSteps(spec: Spec, values: Float32Array): Stored {
  const min = values.reduce((a, b) => Math.min(a, b), Infinity);
  const max = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const scale = (max - min) / 255 || 1;
  const steps = Uint8Array.from(values, (value) => Math.round((value - min) / scale));
  return { spec: { ...spec, quantization: { dtype: 'uint8', scale, min } }, bytes: steps };
}

/**
 * Stores a model's weights in fewer bytes, as tfjs reads them. Vectors (biases, normalisation) stay float32: they are few
 * and count in every position.
 *
 * @throws Error that names a weight which float16 cannot hold
 */
export function storeWeights(specs: readonly Spec[], data: ArrayBuffer, storage: WeightStorage) {
  let offset = 0;
  const stored = specs.map((spec): Stored => {
    const count = spec.shape.reduce((a, b) => a * b, 1);
    const values = new Float32Array(data, offset, count);
    offset += 4 * count;
    if (storage === 'float32' || spec.dtype !== 'float32' || spec.shape.length < 2 || count === 0) {
      return { spec, bytes: bytesOf(values) };
    }
    return storage === 'float16' ? inHalves(spec, values) : inSteps(spec, values);
  });
  const weightData = new Uint8Array(stored.reduce((sum, { bytes }) => sum + bytes.length, 0));
  stored.reduce((at, { bytes }) => {
    weightData.set(bytes, at);
    return at + bytes.length;
  }, 0);
  return { weightSpecs: stored.map(({ spec }) => spec), weightData: weightData.buffer };
}
