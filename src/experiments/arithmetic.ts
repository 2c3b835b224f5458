import * as tf from '@tensorflow/tfjs-core';
import { sha256 } from '../files/sha256.js';
import { attention } from '../ops/attention.js';
import { info } from '../ops/init.js';
import { uniform } from '../random.js';

/** What a process computes with. Runs are the same bit for bit where these are. */
export interface Arithmetic {
  /** Of the kernels: 'simd', 'relaxed' or 'wide'. */
  build: string;
  /** Hash of results that depend on the processor's instructions, fused multiply-adds among them, and on V8's functions. */
  bits: string;
}

/**
 * What this process computes with, after `init`.
 *
 * @throws Error before it
 */
export async function arithmetic(): Promise<Arithmetic> {
  const next = uniform(1);
  const random = (...shape: [number, number, number, number]) =>
    tf.tensor4d(
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 4 * next() - 2),
      shape,
    );
  const attended = tf.tidy(() => {
    const [q, k, v] = [random(1, 2, 37, 8), random(1, 2, 37, 8), random(1, 2, 37, 8)];
    return attention(q, k, v, { batchNorm: true });
  });
  const computed = attended.dataSync();
  attended.dispose();
  const functions = [Math.exp, Math.expm1, Math.log, Math.log1p, Math.sin, Math.cos, Math.tanh, Math.cbrt];
  const values = functions.flatMap((f) => [0.1, 0.7, 3.3].map(f)).concat(Math.pow(1.7, 2.3), Math.hypot(0.3, 0.7));
  const bits = await sha256(new Uint8Array(Float64Array.of(...computed, ...values).buffer));
  // Threads, for which a build is '-shared', change no result.
  return { build: info().build.replace(/-shared$/, ''), bits: bits.slice(0, 8) };
}
