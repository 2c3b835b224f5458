// The same classifier composed of tfjs's own ops, as its users write it, with softmax attention and batch normalisation.

import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../../src/data/batches.js';
import type { Step } from './classifier.js';
import { initialValue, LEARNING_RATE, WEIGHT_DECAY } from './data.js';
import { CLASSES, type StepModel, weightShapes } from './models.js';

/** The part of the running statistics that a step keeps, and what is added to a variance. */
const MOMENTUM = 0.9;
const EPSILON = 1e-5;
const TINY = 1e-30;

type Weights = Record<string, tf.Variable>;

/** x [..., C] times W [C, U], and the bias: as one product, which tfjs has its fast kernel for. */
function linear(x: tf.Tensor, weights: Weights, name: string): tf.Tensor {
  const [inner, units] = weights[`${name}/kernel`].shape;
  const a = tf.reshape<tf.Rank.R2>(x, [-1, inner]);
  const b = weights[`${name}/kernel`] as tf.Variable<tf.Rank.R2>;
  const product = tf.fused.matMul({ a, b, bias: weights[`${name}/bias`] });
  return tf.reshape(product, [...x.shape.slice(0, -1), units]);
}

function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/** softmax(q k^T / sqrt(D)) v over heads, between its projections; x [B, N, C]. */
function attention(x: tf.Tensor, weights: Weights, name: string, heads: number): tf.Tensor {
  const [batch, length, width] = x.shape;
  const headWidth = width / heads;
  const [q, k, v] = ['query', 'key', 'value'].map((part) => {
    const projected = tf.reshape(linear(x, weights, `${name}/${part}`), [batch, length, heads, headWidth]);
    return tf.transpose(projected, [0, 2, 1, 3]);
  });
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(headWidth));
  const attended = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
  return linear(tf.reshape(attended, [batch, length, width]), weights, `${name}/attention_output`);
}

/** Batch normalisation of x [B, N, C] over B and N, which moves the running statistics. */
function batchNorm(x: tf.Tensor, weights: Weights, running: Weights, name: string): tf.Tensor {
  const rows = tf.reshape<tf.Rank.R2>(x, [-1, x.shape[2]!]);
  const { mean, variance } = tf.moments(rows, 0);
  for (const [statistic, observed] of Object.entries({ mean, variance })) {
    const variable = running[`${name}/${statistic}`];
    variable.assign(tf.add(tf.mul(variable, MOMENTUM), tf.mul(observed, 1 - MOMENTUM)));
  }
  const [gamma, beta] = ['gamma', 'beta'].map((part) => weights[`${name}/${part}`] as unknown as tf.Tensor1D);
  const normalized = tf.batchNorm(rows, mean as tf.Tensor1D, variance as tf.Tensor1D, beta, gamma, EPSILON);
  return tf.reshape(normalized, x.shape);
}

/** Probabilities [B, CLASSES]. */
function forward(model: StepModel, weights: Weights, running: Weights, series: tf.Tensor): tf.Tensor {
  const { batch, heads, layers, width } = model;
  let x = tf.mul(linear(series, weights, 'embedding'), Math.sqrt(width));
  x = tf.add(x, weights['positions/embeddings']);
  for (let index = 0; index < layers; index++) {
    const name = `encoder_${index}`;
    const attended = attention(x, weights, `${name}/attention`, heads);
    const y = batchNorm(tf.add(x, attended), weights, running, `${name}/attention_norm`);
    const hidden = gelu(linear(y, weights, `${name}/intermediate`));
    const fed = linear(hidden, weights, `${name}/output`);
    x = batchNorm(tf.add(y, fed), weights, running, `${name}/feed_forward_norm`);
  }
  return tf.softmax(linear(tf.reshape(gelu(x), [batch, -1]), weights, 'classes'));
}

/** A step is forward, backward and AdamW. */
export function tfjsStepOf(model: StepModel): Omit<Step, 'flops'> {
  const { layers, width } = model;
  const weights: Weights = {};
  for (const [name, shape] of Object.entries(weightShapes(model))) {
    weights[name] = tf.tidy(() => tf.variable(tf.tensor(initialValue(name, shape), shape)));
  }
  const running: Weights = {};
  for (let index = 0; index < layers; index++) {
    for (const norm of ['attention_norm', 'feed_forward_norm']) {
      running[`encoder_${index}/${norm}/mean`] = tf.tidy(() => tf.variable(tf.zeros([width]), false));
      running[`encoder_${index}/${norm}/variance`] = tf.tidy(() => tf.variable(tf.ones([width]), false));
    }
  }
  const adam = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-8);
  const lossOf = ({ inputs: [{ values, shape }], labels: classes }: Batch) => {
    const series = tf.tensor(values, shape);
    const labels = tf.oneHot(tf.tensor1d(classes, 'int32'), CLASSES);
    const probabilities = forward(model, weights, running, series);
    return tf.mean<tf.Scalar>(tf.neg(tf.sum(tf.mul(labels, tf.log(tf.add(probabilities, TINY))), -1)));
  };
  const step = (batch: Batch) =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => lossOf(batch), Object.values(weights));
      // AdamW is Adam on weights that have decayed.
      for (const variable of Object.values(weights)) {
        variable.assign(tf.mul(variable, 1 - LEARNING_RATE * WEIGHT_DECAY));
      }
      adam.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
      return value.dataSync()[0];
    });
  const dispose = () => {
    adam.dispose();
    tf.dispose([...Object.values(weights), ...Object.values(running)]);
  };
  return { step, dispose };
}
