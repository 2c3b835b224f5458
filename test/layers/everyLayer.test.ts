// What holds for every exported layer and model: a new one is covered as it is exported.

import * as tf from '@tensorflow/tfjs-core';
import { input, layers, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import {
  type Arguments,
  candidates,
  layerClasses,
  leastArguments,
  messageOf,
  modelFunctions,
  validInput,
} from '../support/everyLayer.js';

// The tables below are made of models.
await init();

const stored = (config: unknown) => JSON.parse(JSON.stringify(config)) as tf.serialization.ConfigDict;

it('finds the layers and models', () => {
  expect(layerClasses.map(([name]) => name)).toContain('MultiHeadAttention');
  expect(layerClasses.length).toBeGreaterThanOrEqual(15);
  expect(modelFunctions.map(([name]) => name)).toEqual(
    expect.arrayContaining(['timeSeriesClassifier', 'tokenClassifier', 'visionTransformer']),
  );
});

describe.each(layerClasses)('%s', (name, Layer) => {
  const least = leastArguments((args) => new Layer(args));
  const make = (more: Arguments = {}) => new Layer({ ...least, ...more });
  const fromConfig = (config: tf.serialization.ConfigDict) =>
    (Layer as unknown as typeof layers.Layer & { fromConfig: (...args: unknown[]) => layers.Layer }).fromConfig(
      Layer,
      config,
    );
  const defaults = stored(make({ name: 'one' }).getConfig());

  it('refuses an unknown argument, and says what may be meant', () => {
    expect(() => make({ nonsense: 1 })).toThrow(`${name}: unknown option 'nonsense'`);
    for (const known of Object.keys(defaults)) {
      const snake = known.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      const wrong = snake === known ? `${known}z` : snake;
      expect(() => make({ [wrong]: defaults[known] })).toThrow(`'? Did you mean '${known}'?`.slice(3));
    }
    expect(() => fromConfig({ ...defaults, nonsense: 1 })).toThrow(`${name}: unknown option 'nonsense'`);
    expect(() => fromConfig('text' as never)).toThrow(`${name}: its arguments were 'text'; they must be an object`);
  });

  it.each(Object.keys(defaults))('keeps %s in its configuration, and refuses what it cannot be', (argument) => {
    const bases = [{ name: 'one' }, { name: 'one', attention: { batchNorm: true } }];
    const values = argument === 'name' ? ['other'] : candidates((value) => make({ [argument]: value }));
    const found = bases
      .flatMap((base) => values.map((value) => ({ ...base, [argument]: value })))
      .find((args) => {
        if (messageOf(() => make(args)) !== undefined) return false;
        return JSON.stringify(make(args).getConfig()[argument]) !== JSON.stringify(defaults[argument]);
      });
    expect(found, 'a value that is not the default').toBeDefined();
    const config = stored(make(found).getConfig());
    expect(config[argument]).not.toEqual(defaults[argument]);
    expect(stored(fromConfig({ ...config, customObjects: {} }).getConfig())).toEqual(config);
    const wrong = [Symbol('no value'), () => 1, NaN, [[]]];
    for (const value of wrong) expect(() => make({ [argument]: value })).toThrow(new RegExp(`^${name}: ${argument}`));
  });

  it.each<[string, Arguments]>([
    ['trainable', { trainable: 'no' }],
    ['batchSize', { batchSize: 2 }],
    ['inputShape', { inputShape: [1], batchInputShape: [null, 1] }],
    ['inputShape', { inputShape: [1.5] }],
    ['dtype', { dtype: 'float16' }],
    ['weights', { weights: 3 }],
  ])('checks what tfjs does not: %s', (argument, args) => {
    expect(() => make(args)).toThrow(new RegExp(`^${name}: .*${argument}`));
  });

  it('keeps the arguments of all layers', () => {
    const one = make({ inputShape: [4, 4], batchSize: 3, dtype: 'float32', trainable: false });
    const copy = fromConfig(stored(one.getConfig()));
    expect(copy.getConfig()).toMatchObject({ batchInputShape: [3, 4, 4], dtype: 'float32', trainable: false });
  });

  it('takes initial weights of the right shapes only', () => {
    const x = validInput(make);
    const first = make();
    first.apply(x);
    const weights = first.getWeights().map((weight) => tf.fill(weight.shape, 0.5));
    const second = make({ weights });
    second.apply(x);
    second.getWeights().forEach((weight) => expect(new Set(weight.dataSync())).toEqual(new Set([0.5])));
    const more = [...weights, tf.ones([7])];
    expect(() => make({ weights: more }).apply(x)).toThrow(`${name}: weights held ${more.length} tensors`);
    if (weights.length === 0) return;
    expect(() => make({ weights: weights.map(() => tf.ones([7])) }).apply(x)).toThrow(`${name}: weights[0] was [7]`);
  });

  it('computes, or says what is wrong and stays as it was, whatever it is given', () => {
    const shapes = [[], [4], [2, 4], [0, 4], [2, 0], [2, 4, 4], [2, 0, 4], [2, 4, 0], [0, 4, 4], [2, 3, 3], [2, 4, 4, 1], [2, 3, 5, 1], [2, 4, 4, 1, 1]]; // prettier-ignore
    const dtypes = ['float32', 'int32', 'bool'] as const;
    const inputs: (() => unknown)[] = [
      ...shapes.flatMap((shape) => dtypes.map((dtype) => () => tf.zeros(shape, dtype))),
      ...shapes.flatMap((first) => shapes.map((second) => () => [tf.zeros(first), tf.zeros(second)])),
      ...shapes.map((shape) => () => [tf.zeros([2, 4, 4]), tf.zeros([2, 4, 4]), tf.zeros(shape)]),
      ...[[], [undefined], undefined, null, 3, 'x', {}, [[1, 2]]].map((value) => () => value),
      () => {
        const x = tf.ones([2, 4, 4]);
        x.dispose();
        return x;
      },
      () => [input({ shape: [4, 4] }), tf.ones([2, 4, 4])],
      () => tf.tensor(new Array<string>(32).fill('x'), [2, 4, 4], 'string'),
      () => Array.from({ length: 6 }, () => tf.ones([2, 4, 4])),
    ];
    let computed = 0;
    for (const built of [false, true]) {
      const x = validInput(make);
      for (const value of inputs) {
        const layer = make();
        if (built) layer.apply(x);
        const given = value();
        const before = tf.memory().numTensors;
        const message = messageOf(() => tf.tidy(() => void layer.apply(given as tf.Tensor)));
        computed += Number(message === undefined);
        if (message === undefined) continue;
        expect(message).toMatch(new RegExp(`^${name}: `));
        expect(tf.memory().numTensors).toBe(before);
        expect(layer.built).toBe(built);
      }
    }
    expect(computed).toBeGreaterThan(0);
  });

  it('refuses symbolic tensors that do not fit', () => {
    for (const shape of [[], [4], [null, 4], [4, null], [4, 4, 1, 1, 1]]) {
      const message = messageOf(() => make().apply(input({ shape })));
      if (message !== undefined) expect(message).toMatch(new RegExp(`^${name}: `));
    }
    expect(messageOf(() => make().apply(input({ shape: [4, 4], dtype: 'bool' })))).toMatch(new RegExp(`^${name}: `));
  });

  it('refuses unknown and wrong options of a call', () => {
    const x = validInput(make);
    expect(() => make().apply(x, { attention_mask: 1 })).toThrow(`${name}: call: unknown option 'attention_mask'`);
    expect(() => make().apply(x, { trainin: true })).toThrow("Did you mean 'training'?");
    expect(() => make().apply(x, { training: 'yes' })).toThrow(`${name}: training was 'yes'`);
  });

  const takesLengths = () => messageOf(() => make().apply([tf.ones([2, 4, 4]), tf.ones([2, 1])])) === undefined;

  it.each([2.5, -1, 5, NaN, Infinity])('refuses length %s, with and without a mask, in training and not', (length) => {
    if (!takesLengths()) return;
    const lengths = tf.tensor2d([length, 2], [2, 1]);
    for (const mask of [undefined, tf.ones([2, 4], 'bool')]) {
      for (const training of [false, true]) {
        const layer = make();
        const options = { training, ...(mask && { mask: [mask, null] }) };
        expect(() => layer.apply([tf.ones([2, 4, 4]), lengths], options)).toThrow(
          `${name}: lengths[0] was ${length}; it must be an integer from 0 to 4`,
        );
        expect(layer.built).toBe(false);
      }
    }
    const wrong = [tf.ones([2, 2]), tf.ones([1, 1]), tf.ones([2]), tf.ones([2, 1], 'bool')];
    for (const one of wrong) {
      expect(() => make().apply([tf.ones([2, 4, 4]), one])).toThrow(new RegExp(`^${name}: `));
    }
  });

  it('is right in a model, saved and loaded, with every object of Keras', () => {
    const x = validInput(make);
    const weights = Object.keys(defaults).filter((key) => /initializer|regularizer|constraint/i.test(key));
    const objects = weights.map((key) => {
      if (/initializer/i.test(key)) return [key, 'ones'];
      return [key, /regularizer/i.test(key) ? 'l1l2' : 'unitNorm'];
    });
    const layer = make({ name: 'one', ...(Object.fromEntries(objects) as Arguments) });
    const inputs = (Array.isArray(x) ? x : [x]).map(({ shape }) => input({ shape: shape.slice(1) }));
    const outputs = layer.apply(inputs.length === 1 ? inputs[0] : inputs) as SymbolicTensor;
    const original = model({ inputs, outputs });
    const json = original.toJSON(null, false) as { config: tf.serialization.ConfigDict };
    expect(JSON.stringify(json)).not.toContain('undefined');
    const again = (original.constructor as unknown as { fromConfig: (...args: unknown[]) => LayersModel }).fromConfig(
      original.constructor,
      stored(original.getConfig()),
    );
    expect(stored(again.getLayer('one').getConfig())).toEqual(stored(layer.getConfig()));
  });
});

describe.each(modelFunctions)('%s', (name, make) => {
  const least = leastArguments(make);

  it('refuses an unknown option, and says what may be meant', () => {
    expect(() => make({ ...least, nonsense: 1 })).toThrow(`${name}: unknown option 'nonsense'`);
    expect(() => make({ ...least, feed_forward: 8 })).toThrow("Did you mean 'feedForward'?");
    expect(() => make({ ...least, normfirst: true })).toThrow("Did you mean 'normFirst'?");
    expect(() => make(undefined as never)).toThrow(`${name}: options was undefined; it must be an object`);
  });

  it.each<[string, unknown]>([
    ...['heads', 'layers', 'feedForward', 'classes'].flatMap((key) =>
      [0, -1, 1.5, NaN, '4', null].map((value): [string, unknown] => [key, value]),
    ),
    ['dropout', 1],
    ['dropout', NaN],
    ['normalization', 'group'],
    ['normFirst', 'yes'],
    ['attention', 3],
    ['attention', [3]],
    ['seed', 0.5],
    ['head', 'last'],
    ['preset', 'toString'],
    ['preset', 3],
    ['name', ''],
    ['heads', 5],
  ])('refuses %s %s', (key, value) => {
    expect(() => make({ ...least, [key]: value })).toThrow(
      new RegExp(`^${name}: (${key} was |unknown option '${key}')`),
    );
  });

  it('refuses options of attention that are not known', () => {
    expect(() => make({ ...least, attention: { casual: true } })).toThrow("unknown option 'casual'");
    expect(() => make({ ...least, attention: { casual: true } })).toThrow("Did you mean 'causal'?");
  });
});
