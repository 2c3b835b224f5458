// Every argument of every optimizer: known ones are checked and act, others are an error that says what may be meant.

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { adamWOptions } from '../../src/training/adamW.js';
import { type MomentOptimizer, momentOptions } from '../../src/training/momentOptimizer.js';
import { optimizerNames } from '../../src/training/optimizers.js';
import type { OptionFacts } from '../../src/training/optionTable.js';
import { sgdOptions } from '../../src/training/sgd.js';

beforeAll(() => pa.init());

type Make = (args?: object) => MomentOptimizer;

/** A new optimizer needs its table here, else the first test fails. */
const tables: Record<string, Readonly<Record<string, OptionFacts>>> = {
  adamW: adamWOptions,
  rAdam: momentOptions,
  sgd: sgdOptions,
};
const exported = pa as unknown as Record<string, unknown>;

/** Values that are of no use for any number. */
const noNumbers = [NaN, Infinity, -Infinity, -1, 1e39, '1', [1], {}, true, -1e-44];

/** Values that float32 holds but a setting may not have, by the least value of its rule. */
const subnormal = [1e-44, 1.17e-38];

/** Other values than the default, to see that an option acts. */
const others: Record<string, unknown> = {
  ...{ learningRate: 0.05, weightDecay: 0.3, beta1: 0.5, beta2: 0.95, epsilon: 0.1, momentum: 0.5 },
  ...{ clipnorm: 0.1, clipvalue: 0.01, globalClipnorm: 0.05, amsgrad: true, excludeFromWeightDecay: ['bias'] },
};

/** What users of Keras and PyTorch write, and what is meant. */
const foreign: [string, string | undefined][] = [
  ...([
    ['lr', 'learningRate'],
    ['learning_rate', 'learningRate'],
    ['weight_decay', 'weightDecay'],
  ] as [string, string][]),
  ...([
    ['betas', 'beta1'],
    ['beta_1', 'beta1'],
    ['beta_2', 'beta2'],
    ['eps', 'epsilon'],
  ] as [string, string][]),
  ...([
    ['global_clipnorm', 'globalClipnorm'],
    ['clipNorm', 'clipnorm'],
    ['clip_value', 'clipvalue'],
  ] as [string, string][]),
  ...([
    ['max_grad_norm', 'globalClipnorm'],
    ['decay', 'weightDecay'],
    ['momentun', 'momentum'],
  ] as [string, string][]),
  ...([
    ['AMSGrad', 'amsgrad'],
    ['exclude_from_weight_decay', 'excludeFromWeightDecay'],
  ] as [string, string][]),
  ['nesterov', undefined],
  ['jitCompile', undefined],
];

/** Weights after some steps of a small loss, whose gradients become smaller. */
function train(optimizer: MomentOptimizer, steps = 12): number[] {
  const variables = tf.tidy(() => [
    tf.variable(tf.tensor1d([0.5, -1, 2])),
    tf.variable(tf.tensor1d([1]), true, 'a/bias'),
  ]);
  try {
    for (let t = 0; t < steps; t++) {
      const loss = () => tf.addN<tf.Scalar>(variables.map((x) => tf.sum(tf.mul(tf.sin(x), 1 / (1 + t) ** 2))));
      optimizer.minimize(loss, false, variables);
    }
    return variables.flatMap((x) => [...x.dataSync()]);
  } finally {
    tf.dispose(variables);
    optimizer.dispose();
  }
}

it('the tables are those of all optimizers', () => {
  expect(Object.keys(tables).sort()).toEqual([...optimizerNames].sort());
});

describe.each(Object.entries(tables))('%s', (name, table) => {
  const make = exported[name] as Make;
  const fault = (args: object) => () => make(args);

  it.each(Object.entries(table))('%s is checked', (option, { default: usual, rule }) => {
    expect(rule).toBeDefined();
    const wrong: unknown[] = ['nonsense', 5.5, -3, [5], { a: 1 }, NaN];
    if (typeof others[option] === 'number') wrong.push(...noNumbers);
    if (['learningRate', 'weightDecay', 'epsilon', 'clipnorm', 'clipvalue', 'globalClipnorm'].includes(option)) {
      wrong.push(...subnormal);
    }
    const refused = wrong.filter((value) => !rule!.test(value));
    expect(refused.length).toBeGreaterThan(3);
    if (typeof others[option] === 'number') expect(noNumbers.filter((value) => rule!.test(value))).toEqual([]);
    if (wrong.includes(subnormal[0])) expect(subnormal.filter((value) => rule!.test(value))).toEqual([]);
    for (const value of refused) expect(fault({ [option]: value })).toThrow(`${name}: ${option} was `);
    for (const value of [undefined, usual]) expect(fault({ [option]: value })).not.toThrow();
  });

  it.each(Object.entries(table))('%s acts, and is kept in the configuration', (option, { default: usual }) => {
    const value = others[option];
    expect(value, 'another value than the default stands in this test').toBeDefined();
    const base = { learningRate: 0.1, weightDecay: 0.2, ...('beta2' in table && { beta2: 0.9 }) };
    const optimizer = make({ ...base, [option]: value });
    const constructor = optimizer.constructor as tf.serialization.SerializableConstructor<MomentOptimizer>;
    const copy = constructor.fromConfig(constructor, optimizer.getConfig());
    expect(copy.getConfig()).toEqual(optimizer.getConfig());
    const found = train(optimizer);
    expect(train(copy)).toEqual(found);
    expect(found).not.toEqual(train(make({ ...base, ...(option in base ? {} : { [option]: usual }) })));
  });

  it.each(foreign)('%s is unknown', (option, meant) => {
    const suggestion = meant !== undefined && meant in table ? ` Did you mean '${meant}'` : '';
    expect(fault({ [option]: 0.5 })).toThrow(`${name}: unknown option '${option}'; the options are learningRate`);
    if (suggestion) expect(fault({ [option]: 0.5 })).toThrow(suggestion);
    else expect(fault({ [option]: 0.5 })).not.toThrow('Did you mean');
  });

  it.each([null, 5, 'adam'])('%j is no object of arguments', (args) => {
    expect(fault(args as never)).toThrow(`${name}: options was `);
  });

  it('takes one kind of clipping at a time, and no decay that turns a variable round', () => {
    expect(fault({ clipnorm: 1, globalClipnorm: 1 })).toThrow(
      `${name}: clipnorm and globalClipnorm were given; only one of them can be`,
    );
    expect(fault({ learningRate: 1, weightDecay: 1.5 })).toThrow('their product must be at most 1');
    const optimizer = make({ learningRate: 0.1, weightDecay: 2 });
    for (const rate of [NaN, -1, 1]) {
      optimizer.learningRate = rate;
      expect(() => train(optimizer)).toThrow(`${name}: learningRate was ${rate}`);
    }
  });

  it('makes no NaN of any legal setting, and no leap of a gradient that is almost 0', () => {
    const extremes: Record<string, unknown[]> = {
      ...{ learningRate: [0, 2 ** -126, 1e-10, 1], weightDecay: [0, 2 ** -126, 1] },
      ...{ beta1: [0, 0.99999], beta2: [0, 0.9999999], epsilon: [2 ** -126, 1e-30, 1, 3e38], momentum: [0, 0.99999] },
      ...{ clipnorm: [2 ** -126, 3e38], clipvalue: [2 ** -126, 3e38], globalClipnorm: [2 ** -126, 3e38] },
    };
    for (const scale of [0, 1e-40, 1e-25, 1e-19, 1e-17, 1, 1e15]) {
      for (const option of Object.keys(table)) {
        for (const value of extremes[option] ?? []) {
          const optimizer = make({ learningRate: 1e-3, [option]: value });
          const x = tf.variable(tf.tensor1d([1, 1, 1, 1, 1]));
          for (let t = 0; t < 8; t++) {
            const gradient = tf.tensor1d([scale, -scale, scale / 7, 0, scale]);
            optimizer.applyGradients({ [x.name]: gradient });
            gradient.dispose();
          }
          const found = [...x.dataSync()];
          const what = `${option} ${String(value)}, gradients of ${scale}`;
          expect(found.every(Number.isFinite), what).toBe(true);
          // No step of Adam's is larger than a few learning rates, and sgd's as large as gradients are.
          const most = name === 'adamW' || scale < 1e-3 ? 60 * optimizer.learningRate + 1e-6 : Infinity;
          const decayed = option === 'weightDecay' ? 1 : 0.01;
          expect(Math.max(...found.map((value) => Math.abs(value - 1))), what).toBeLessThan(most + decayed);
          tf.dispose(x);
          optimizer.dispose();
        }
      }
    }
  });
});

it.each([1e-12, 1e-5, 1e10])('adamW with a small epsilon goes as far for gradients of %d as for others', (size) => {
  const optimizer = pa.adamW({ weightDecay: 0, epsilon: 1e-30 });
  const x = tf.variable(tf.tensor1d([1]));
  const gradient = tf.tensor1d([size]);
  for (let t = 0; t < 5; t++) optimizer.applyGradients({ [x.name]: gradient });
  expect(x.dataSync()[0]).toBeCloseTo(1 - 5e-3, 6);
  tf.dispose([x, gradient]);
  optimizer.dispose();
});

it('weights are excluded from decay by their names: biases, normalisations, and embeddings if asked', () => {
  const model = pa.tokenClassifier({
    vocabulary: 4,
    length: 4,
    classes: 2,
    width: 8,
    feedForward: 8,
    heads: 2,
    layers: 1,
  });
  const excluded = (words: string[]) => {
    const optimizer = pa.adamW({ learningRate: 0.5, weightDecay: 1, excludeFromWeightDecay: words });
    const before = model.trainableWeights.map((weight) => [...weight.read().dataSync()]);
    const zeros = Object.fromEntries(
      model.trainableWeights.map(({ name, shape }) => [name, tf.zeros(shape as number[])]),
    );
    optimizer.applyGradients(zeros);
    tf.dispose(zeros);
    optimizer.dispose();
    return model.trainableWeights.filter((weight, i) => {
      const now = [...weight.read().dataSync()];
      const isSame = now.every((value, j) => value === before[i][j]);
      return isSame && before[i].some((value) => value !== 0);
    });
  };
  model.trainableWeights.forEach((weight) => weight.write(tf.ones(weight.shape as number[])));
  const ranks = (words: string[]) => excluded(words).map(({ shape }) => shape.length);
  expect(ranks([])).toEqual([]);
  const vectors = model.trainableWeights.filter(({ shape }) => shape.length === 1).length;
  expect(ranks(['bias', 'gamma', 'beta'])).toEqual(new Array<number>(vectors).fill(1));
  expect(excluded(['embeddings']).map(({ shape }) => shape)).toEqual([[4, 8]]);
  model.dispose();
});
