// Moments belong to their variable, whatever the order in which variables come, are loaded, frozen or added.

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reseed } from '../../src/layers/reseed.js';
import { adamW, init, rAdam, sgd } from '../../src/index.js';
import type { MomentOptimizer } from '../../src/training/momentOptimizer.js';
import { makeClassifier, weightsOf } from './slopes.js';

beforeAll(() => init());

const makers: [string, () => MomentOptimizer][] = [
  ['adamW', () => adamW({ learningRate: 0.1, amsgrad: true, weightDecay: 0.1 })],
  ['rAdam', () => rAdam({ learningRate: 0.1, beta2: 0.9 })],
  ['sgd', () => sgd({ learningRate: 0.1 })],
];

/** Two variables of one shape. */
const variables = (names: (string | undefined)[] = [undefined, undefined]) =>
  names.map((name, i) => tf.tidy(() => tf.variable(tf.tensor1d([1 + i, 2 - i]), true, name)));

/** A step of each variable, with a gradient of its own. */
function step(optimizer: MomentOptimizer, given: readonly [variable: tf.Variable, size: number][], t: number): void {
  const gradients = given.map(([{ name }, size]) => ({ name, tensor: tf.tensor1d([size, t * size]) }));
  try {
    optimizer.applyGradients(gradients);
  } finally {
    tf.dispose(gradients.map(({ tensor }) => tensor));
  }
}

const values = (all: readonly tf.Variable[]) => all.map((variable) => [...variable.dataSync()]);
const saved = async (optimizer: MomentOptimizer) => {
  const weights = await optimizer.getWeights();
  return weights.map(({ name, tensor }) => [name, ...tensor.dataSync()]);
};

let memory: tf.MemoryInfo;
beforeEach(() => {
  memory = tf.memory();
});

describe.each(makers)('%s', (name, make) => {
  /** What a run of both variables gives, in one go. */
  function whole(steps: number) {
    const [a, b] = variables();
    const optimizer = make();
    for (let t = 1; t <= steps; t++) step(optimizer, [[a, 1], [b, -3]], t); // prettier-ignore
    const found = values([a, b]);
    tf.dispose([a, b]);
    optimizer.dispose();
    return found;
  }

  it('goes on from saved weights, whichever variable comes first', async () => {
    const [a, b] = variables();
    const first = make();
    for (let t = 1; t <= 8; t++) step(first, [[a, 1], [b, -3]], t); // prettier-ignore
    const second = make();
    await second.setWeights(await first.getWeights());
    first.dispose();
    for (let t = 9; t <= 12; t++) step(second, [[b, -3], [a, 1]], t); // prettier-ignore
    expect(values([a, b])).toEqual(whole(12));
    second.dispose();
    tf.dispose([a, b]);
  });

  it('goes on if a variable is frozen for the first steps after loading', async () => {
    const [a, b] = variables();
    const [one, other] = [make(), make()];
    for (let t = 1; t <= 8; t++) step(one, [[a, 1], [b, -3]], t); // prettier-ignore
    await other.setWeights(await one.getWeights());
    const before = values([a, b]);
    for (const optimizer of [one, other]) {
      [a, b].forEach((variable, i) => variable.assign(tf.tidy(() => tf.tensor1d(before[i]))));
      step(optimizer, [[b, -3]], 9);
      step(optimizer, [[a, 1], [b, -3]], 10); // prettier-ignore
      if (optimizer === one) before.push(...values([a, b]));
    }
    expect(values([a, b])).toEqual(before.slice(2));
    expect(await saved(other)).toEqual(await saved(one));
    const again = make();
    await again.setWeights(await other.getWeights());
    expect(await saved(again)).toEqual(await saved(one));
  });

  it('gives what was loaded, before the first step too, and nothing after dispose', async () => {
    const [a, b] = variables();
    const [one, other] = [make(), make()];
    step(one, [[a, 1], [b, 2]], 1); // prettier-ignore
    await other.setWeights(await one.getWeights());
    expect(await saved(other)).toEqual(await saved(one));
    other.dispose();
    expect(await saved(other)).toEqual([['iter', 0]]);
    expect(await saved(make())).toEqual([['iter', 0]]);
    const fresh = make();
    await fresh.setWeights(await make().getWeights());
    expect(await saved(fresh)).toEqual([['iter', 0]]);
  });

  it('a variable that is added later begins with steps of its own', () => {
    const [a, b] = variables();
    const [late, alone] = [make(), make()];
    for (let t = 1; t <= 10; t++) step(late, [[a, 1]], t);
    const copy = tf.variable(b);
    for (let t = 1; t <= 6; t++) {
      step(late, [[a, 1], [b, -3]], t); // prettier-ignore
      step(alone, [[copy, -3]], t);
    }
    expect(values([b])).toEqual(values([copy]));
  });

  it('serves two models, and keeps their moments apart', () => {
    const [a, b] = variables();
    const optimizer = make();
    for (let t = 1; t <= 12; t++) {
      step(optimizer, [[a, 1]], t);
      step(optimizer, [[b, -3]], t);
    }
    expect(values([a, b])).toEqual(whole(12));
  });

  it('a new variable of the name of one that is gone does not get its moments', async () => {
    const optimizer = make();
    const [old] = variables(['x']);
    for (let t = 1; t <= 5; t++) step(optimizer, [[old, 7]], t);
    old.dispose();
    const [x] = variables(['x']);
    const [y] = variables(['y']);
    step(optimizer, [[x, 1]], 1);
    const other = make();
    step(other, [[y, 1]], 1);
    expect(values([x])).toEqual(values([y]));
    expect((await optimizer.getWeights()).filter(({ name }) => name.endsWith('/m')).length).toBe(1);
    tf.dispose([x, y]);
  });

  it('knows copies of the variables by their names, without one by their order, and else says what it has', async () => {
    const make2 = async (names: (string | undefined)[], order: number[]) => {
      const all = variables(names);
      const first = make();
      for (let t = 1; t <= 8; t++) step(first, [[all[0], 1], [all[1], -3]], t); // prettier-ignore
      const copies = names.map((name, i) => tf.variable(all[i], true, name && `${name}_${i + 5}`));
      const second = make();
      await second.setWeights(await first.getWeights());
      for (let t = 9; t <= 12; t++) {
        step(second, order.map((i) => [copies[i], i === 0 ? 1 : -3] as [tf.Variable, number]), t); // prettier-ignore
      }
      const found = values(copies);
      tf.dispose([...all, ...copies]);
      return found;
    };
    expect(await make2(['p', 'q'], [1, 0])).toEqual(whole(12));
    expect(await make2([undefined, undefined], [0, 1])).toEqual(whole(12));
    await expect(make2([undefined, undefined], [1])).rejects.toThrow(
      /^\w+: the variables were \d+; the moments that were loaded are of \d+, \d+, and must be of the same variables$/,
    );
  });

  it('refuses weights that are not its own, and stays as it was', async () => {
    const [a] = variables();
    const optimizer = make();
    step(optimizer, [[a, 1]], 1);
    const before = await saved(optimizer);
    const good = await optimizer.getWeights();
    const [iter, m, v] = good;
    const scalar = (value: number) => tf.scalar(value, 'int32');
    const wrong: [object, string][] = [
      [[], 'weights was empty'],
      [{}, 'weights was an instance of Object'],
      [[m, v], `weights began with '${a.name}/m'; they must begin with 'iter'`],
      [[{ name: 'iter', tensor: scalar(-1) }], 'iter was -1; it must be an integer, 0 or more'],
      [[iter, m], `weights had no '${a.name}/v'`],
      [[iter, m, m, v], `weights held '${a.name}/m'`],
      [[...good, { name: `${a.name}/u`, tensor: m.tensor }], `weights held '${a.name}/u'`],
      [[iter, { name: m.name, tensor: tf.zeros([3]) }, ...good.slice(2)], `${a.name}/v was [2]; it must be [3]`],
      [[iter, { name: m.name, tensor: tf.tensor1d([NaN, 0]) }, ...good.slice(2)], `${a.name}/m held NaN`],
      [[iter, m, { name: v.name, tensor: tf.tensor1d([-1, 0]) }, ...good.slice(3)], `${a.name}/v held -1`],
    ];
    for (const [weights, message] of wrong) {
      await expect(optimizer.setWeights(weights as never)).rejects.toThrow(message);
    }
    expect(await saved(optimizer)).toEqual(before);
    const other = name === 'adamW' ? rAdam() : adamW({ amsgrad: true });
    await expect(other.setWeights(good)).rejects.toThrow(name === 'adamW' ? "weights held '" : 'weights had no ');
    const large = make();
    await large.setWeights(good);
    const b = tf.variable(tf.zeros([3]), true, 'other');
    expect(() => large.applyGradients({ [b.name]: b })).toThrow('and must be of the same variables');
    b.dispose();
  });

  it('a step that fails changes nothing, and leaves nothing behind', async () => {
    const [a, b] = variables();
    const optimizer = make();
    step(optimizer, [[a, 1]], 1);
    const before = [await saved(optimizer), values([a, b])];
    memory = tf.memory();
    for (const bad of [NaN, Infinity]) expect(() => step(optimizer, [[a, 1], [b, bad]], 1)).toThrow('joint norm'); // prettier-ignore
    expect(() => step(optimizer, [[a, 1], [b, 1e30]], 1)).toThrow('the norm of a gradient was'); // prettier-ignore
    const gradient = tf.zeros([3]);
    expect(() => optimizer.applyGradients({ [a.name]: a, [b.name]: gradient })).toThrow('it must be [2]');
    expect(() => optimizer.applyGradients({ nobody: gradient })).toThrow("a gradient was that of 'nobody'");
    const twice = [a, gradient].map((tensor) => ({ name: a.name, tensor: tensor }));
    expect(() => optimizer.applyGradients(twice)).toThrow('had two gradients; it must have one');
    gradient.dispose();
    expect(tf.memory()).toEqual(memory);
    expect([await saved(optimizer), values([a, b])]).toEqual(before);
  });
});

it('a model that is compiled with it goes on after its weights are set, loaded moments included', async () => {
  const [whole, halves] = [makeClassifier(), makeClassifier()];
  const inputs = () => [tf.randomNormal([4, 6, 1], 0, 1, 'float32', 3), tf.tensor2d([6, 3, 1, 4], [4, 1])];
  const train = async (model: typeof whole, optimizer: MomentOptimizer, from: number, to: number) => {
    model.compile({ optimizer, loss: 'categoricalCrossentropy' });
    for (let t = from; t <= to; t++) {
      reseed(model, t);
      await model.trainOnBatch(inputs(), tf.oneHot([0, 1, 1, 0], 2));
    }
  };
  await train(whole, adamW({ learningRate: 0.01 }), 1, 6);
  const first = adamW({ learningRate: 0.01 });
  await train(halves, first, 1, 3);
  const resumed = makeClassifier(9);
  resumed.setWeights(halves.getWeights());
  const second = adamW({ learningRate: 0.01 });
  await second.setWeights(await first.getWeights());
  await train(resumed, second, 4, 6);
  expect(weightsOf(resumed)).toEqual(weightsOf(whole));
});
