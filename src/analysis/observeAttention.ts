// What every attention of a model computes on real data.

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batches } from '../data/batches.js';
import { caseCount } from '../data/caseCount.js';
import { checkCases, checkNumbers } from '../data/checkData.js';
import { checkIndices } from '../data/checkIndices.js';
import type { Cases } from '../data/labelledData.js';
import { type AttentionView, MultiHeadAttention } from '../layers/multiHeadAttention.js';
import { TransformerEncoderLayer } from '../layers/transformerEncoderLayer.js';
import { checkInteger, checkOptions } from '../checks/values.js';

/** Which cases of the data to look at. */
export interface CasesOptions {
  /** Their indices; default: all. */
  cases?: ArrayLike<number>;
  /** Cases at a time; affects time and memory only. */
  batchSize?: number;
}

/** An attention in a model. */
export interface AttentionLayer {
  /** Name of the layer that it is, or is part of. */
  name: string;
  attention: MultiHeadAttention;
}

/** A call of it on some cases. */
export interface ObservedCall extends AttentionView {
  /** Index of the layer, as attentionLayers gives it. */
  layer: number;
  /** Indices of the cases in the data. */
  cases: number[];
}

/**
 * @param owner the calling function's name, for errors
 * @param model any layers model
 * @returns its attentions, from input to output
 * @throws Error if there is none
 */
export function attentionLayers(owner: string, model: LayersModel): AttentionLayer[] {
  const found = model.layers.flatMap((layer): AttentionLayer[] => {
    if (layer instanceof MultiHeadAttention) return [{ name: layer.name, attention: layer }];
    return layer instanceof TransformerEncoderLayer ? [{ name: layer.name, attention: layer.attention }] : [];
  });
  if (found.length > 0) return found;
  throw new Error(
    `${owner}: model '${model.name}' had no attention; it must have a MultiHeadAttention or TransformerEncoderLayer`,
  );
}

/**
 * Runs a model on data, without dropout, and shows each call of an attention.
 *
 * @param owner the calling function's name, for errors
 * @param model a model whose inputs are those of a Batch
 * @param data standardised as the model's training data was
 * @param options see CasesOptions; default batchSize 8
 * @param observe is given the calls; it must not keep their tensors
 * @throws Error if model and data do not fit, or there is no attention or no case
 */
export function observeAttention(
  owner: string,
  model: LayersModel,
  data: Cases,
  options: CasesOptions,
  observe: (call: ObservedCall) => void,
): void {
  checkOptions(owner, options, ['cases', 'batchSize'] satisfies (keyof CasesOptions)[]);
  const { cases, batchSize = 8 } = options;
  checkInteger(owner, 'batchSize', batchSize, 1, Infinity);
  checkCases(owner, data, []);
  const count = caseCount(data);
  if (cases !== undefined) checkIndices(owner, 'cases', cases, count);
  const order = Array.from(cases ?? Array.from({ length: count }, (_, index) => index));
  if (order.length === 0) throw new Error(`${owner}: there were no cases; there must be one or more`);
  checkCases(owner, data, order);
  checkNumbers(owner, data, { cases: order });
  const attentions = attentionLayers(owner, model);
  const length = model.inputs[0].shape[1] ?? undefined; // of series and tokens; images have no use for it
  let done = 0;
  try {
    for (const { size, inputs } of batches(data, { batchSize, order, length })) {
      const seen = order.slice(done, (done += size));
      attentions.forEach(({ attention }, layer) => {
        attention.observer = (view) => observe({ ...view, layer, cases: seen });
      });
      tf.tidy(() => {
        const tensors = inputs.slice(0, model.inputs.length).map(({ values, shape }) => tf.tensor(values, shape));
        model.predict(tensors.length === 1 ? tensors[0] : tensors, { batchSize: size });
      });
    }
  } finally {
    for (const { attention } of attentions) attention.observer = undefined;
  }
}
