import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, models } from '@tensorflow/tfjs-layers';
import type { LayerAttentionOptions } from '../layers/multiHeadAttention.js';
import { peakBytes } from '../runtime/peakBytes.js';
import { checkInteger, checkOptions } from '../checks/values.js';
import { modelFlops } from './modelFlops.js';

/** What a pass over a batch costs. */
export interface PassCosts {
  /** Floating-point operations, see modelFlops. */
  flops: number;
  /** Of these, the operations between the projections of attention. */
  attentionFlops: number;
  /** The most bytes on the heap at any one time, in addition to weights and inputs. */
  bytes: number;
}

/** What a model costs, to classify and to train. */
export interface ModelCosts {
  forward: PassCosts;
  /** Forward and backward, without the optimiser. */
  trainingStep: PassCosts;
}

/** Costs of a model, and of the same model with softmax attention. */
export interface AttentionCosts {
  /** Cases in the batch. */
  batch: number;
  own: ModelCosts;
  softmax: ModelCosts;
}

type Json = Record<string, unknown>;

/** A model's description, in Keras's names, with plain softmax attention wherever it has attention; what is causal stays so. */
function withSoftmax(description: unknown): unknown {
  if (Array.isArray(description)) return description.map(withSoftmax);
  if (typeof description !== 'object' || description === null) return description;
  const entries = Object.entries(description as Json).map(([name, value]) => {
    if (name === 'attention') return [name, { causal: (value as LayerAttentionOptions).causal ?? false }];
    return [name, name === 'trainable_beta' ? false : withSoftmax(value)];
  });
  return Object.fromEntries(entries) as Json;
}

/** Measures a copy, since its weights and statistics may change. */
async function measure(model: LayersModel, batch: number): Promise<ModelCosts> {
  const flops = modelFlops(model, { batch });
  const inputs = model.inputs.map(({ shape: [, ...sizes] }, index) => {
    const shape = [batch, ...(sizes as number[])];
    // The values of series, images and tokens do not matter; the lengths that follow them are full.
    return index === 0 ? tf.zeros(shape) : tf.fill(shape, model.inputs[0].shape[1]!);
  });
  const output = (training: boolean) => [model.call(inputs, { training })].flat()[0];
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const step = () => {
    const { value, grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(output(true)), variables);
    tf.dispose([value, grads]);
  };
  const forward = () => tf.dispose(output(false));
  try {
    const costs = async (pass: 'forward' | 'trainingStep', call: () => void): Promise<PassCosts> => {
      return { flops: flops[pass], attentionFlops: flops.attention[pass], bytes: await peakBytes(call) };
    };
    return { forward: await costs('forward', forward), trainingStep: await costs('trainingStep', step) };
  } finally {
    tf.dispose(inputs);
  }
}

/**
 * Arithmetic and memory of a model against those of the same model with softmax attention (causal where it is). The
 * arithmetic is counted; the memory is measured, on copies with random weights: every block that is on the heap at the
 * worst moment, whether tensor or scratch. Scratch grows with the threads, and both models run on the same number of
 * them.
 *
 * @param model made of this package's layers
 * @param options batch: cases in a batch
 * @throws Error as modelFlops; OutOfMemoryError if the heap has no room
 */
export async function attentionCosts(model: LayersModel, options: { batch: number }): Promise<AttentionCosts> {
  checkOptions('attentionCosts', options, ['batch']);
  const { batch } = options;
  checkInteger('attentionCosts', 'batch', batch, 1, Infinity);
  const description = model.toJSON(null, false) as unknown as Json;
  const costsOf = async (config: Json): Promise<ModelCosts> => {
    const copy = await models.modelFromJSON(config as never);
    try {
      return await measure(copy, batch);
    } finally {
      copy.dispose();
    }
  };
  return {
    batch,
    own: await costsOf(description),
    softmax: await costsOf(withSoftmax(description) as Json),
  };
}
