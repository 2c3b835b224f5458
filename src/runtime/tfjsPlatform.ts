import * as tf from '@tensorflow/tfjs-core';

/**
 * Gives tfjs what it takes from Node or from a browser, where it found neither: it knows browsers by their names, and some
 * edge runtimes have none of these.
 */
export function providePlatform(): void {
  const env = tf.env();
  if ((env as { platform?: unknown }).platform !== undefined) return;
  env.setPlatform('edge', {
    fetch: (path, options) => fetch(path, options),
    now: () => performance.now(),
    encode: (text) => new TextEncoder().encode(text),
    decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
    isTypedArray: (value): value is Float32Array | Int32Array | Uint8Array | Uint8ClampedArray =>
      ArrayBuffer.isView(value) && !(value instanceof DataView),
  });
}
