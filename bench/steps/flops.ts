// The arithmetic of a training step: that of its products and of attention.

import { attentionFlops } from '../flops.js';
import { attentionOf, CHANNELS, CLASSES, type FormName, type StepModel } from './models.js';

/**
 * Floating-point operations of forward and backward. A product of [m, k] and [k, n] has 2 m k n forward, and as many for
 * each gradient; the first needs no gradient of its input. Attention-SH averages before it projects keys and values, so
 * these products have ceil(N / r) rows where others have N. Normalisation, GELU and the optimiser are not counted.
 */
export function stepFlops(model: StepModel, form: FormName): number {
  const { batch, length, width, feedForward, heads, layers } = model;
  const { headScales = new Array<number>(heads).fill(1) } = attentionOf(form, model);
  const product = (m: number, k: number, n: number) => 2 * m * k * n;
  const depth = width / heads;
  const rows = batch * length;
  const keys = batch * headScales.reduce((sum, scale) => sum + Math.ceil(length / scale), 0);
  const encoder =
    2 * product(rows, width, width) + // queries, output
    2 * product(keys, width, depth) + // keys, values
    2 * product(rows, width, feedForward);
  const sizes = { batch, heads, keyHeads: heads, queries: length, keys: length, depth, valueDepth: depth };
  const attention = attentionFlops(sizes, { headScales });
  return (
    2 * product(rows, CHANNELS, width) +
    layers * (3 * encoder + attention.forward + attention.backward) +
    3 * product(batch, length * width, CLASSES)
  );
}
