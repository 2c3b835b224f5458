import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, init } from '../../../src/index.js';
import { attentionWithGradients, maxError } from '../../support/attention.js';
import type { CaseShape } from '../../support/attentionCase.js';
import { attentionTensors } from '../../support/attentionTensors.js';

beforeAll(async () => {
  await init();
});

describe('gradients', () => {
  const shape: CaseShape = { B: 2, H: 2, G: 2, N: 5, M: 5, D: 4, E: 4 };

  it('add up where q, k and v are one tensor', () => {
    const { q: x, dOut } = attentionTensors(shape);
    const { dq, dk, dv } = attentionWithGradients({ q: x, k: tf.clone(x), v: tf.clone(x), dOut }, { causal: true });
    const gradient = tf.grad((x: tf.Tensor) => attention(x, x, x, { causal: true }));
    const sum = dq.map((value, at) => value + dk[at] + dv[at]);
    expect(maxError(gradient(x, dOut).dataSync(), sum)).toBeLessThan(1e-6);
  });

  it.each(['q', 'k', 'v'] as const)('for %s alone', (name) => {
    const { dOut, ...operands } = attentionTensors(shape);
    const all = attentionWithGradients({ ...operands, dOut }, {});
    const { q, k, v } = operands;
    const attend = {
      q: (x: tf.Tensor) => attention(x, k, v),
      k: (x: tf.Tensor) => attention(q, x, v),
      v: (x: tf.Tensor) => attention(q, k, x),
    };
    const alone = tf.grad(attend[name])(operands[name], dOut);
    expect(alone.dataSync()).toEqual(all[`d${name}`]);
  });

  it('reach the variables of a model', () => {
    const { q, k, v, dOut } = attentionTensors(shape);
    const variables = Object.entries({ q, k, v }).map(([name, value]) => tf.variable(value, true, name));
    const [qVariable, kVariable, vVariable] = variables;
    const loss = () => tf.sum<tf.Scalar>(tf.mul(attention(qVariable, kVariable, vVariable), dOut));
    const { grads } = tf.variableGrads(loss);
    const expected = attentionWithGradients({ q, k, v, dOut }, {});
    expect(Object.keys(grads).sort()).toEqual(['k', 'q', 'v']);
    for (const name of ['q', 'k', 'v'] as const) expect(grads[name].dataSync()).toEqual(expected[`d${name}`]);
    const before = loss().dataSync()[0];
    tf.train.sgd(0.01).minimize(loss);
    expect(loss().dataSync()[0]).toBeLessThan(before);
    tf.dispose(variables);
  });

  it('pass through chains of attention', () => {
    const { q, k, v, dOut } = attentionTensors(shape);
    const dq = tf.grad((q: tf.Tensor) => attention(attention(q, k, v), k, v))(q, dOut);
    const inner = attention(q, k, v);
    const dInner = attentionWithGradients({ q: inner, k, v, dOut }, {}).dq;
    const expected = attentionWithGradients({ q, k, v, dOut: tf.tensor(dInner, inner.shape) }, {}).dq;
    expect(dq.dataSync()).toEqual(expected);
  });

  it('of a mask are an error that names it', () => {
    const { q, k, v } = attentionTensors(shape);
    const gradient = tf.grad((mask: tf.Tensor) => attention(q, k, v, { mask }));
    expect(() => gradient(tf.zeros([5, 5]))).toThrow('attention: mask cannot be differentiated');
  });

  it('of second order are an error', () => {
    const { q, k, v } = attentionTensors(shape);
    const first = tf.grad((q: tf.Tensor) => tf.square(attention(q, k, v)));
    expect(() => tf.grad((q: tf.Tensor) => first(q))(q)).toThrow(
      'FusedAttentionGrad: a second derivative was asked for',
    );
  });
});
