import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AttentionOptions, attentionWeights, blockMask, init } from '../../../src/index.js';
import {
  attentionCase,
  type CaseExtras,
  type CaseMask,
  type CaseShape,
  checkCase,
  computeCase,
  normalOperands,
} from '../../support/attentionCase.js';
import { random } from '../../support/random.js';

const shape: CaseShape = { B: 2, H: 4, G: 2, N: 24, M: 24, D: 8, E: 5 };
const { B, G, N, M, D } = shape;

/** One way to set an option: as it is, or by what goes with a case. */
interface Setting {
  options?: AttentionOptions;
  mask?: CaseMask;
  extras?: CaseExtras;
}

const sees = (h: number, i: number, j: number) => (i + j) % 3 !== 0 || h + j < 4;
const settings: Record<string, Setting> = {
  linear: { options: { kernel: 'linear' } },
  scale: { options: { scale: 0.3 } },
  batchNorm: { options: { batchNorm: { beta: 0.7 } }, extras: { tensorBeta: true } },
  headScales: { options: { headScales: [1, 3] } },
  conv: { extras: { conv: { shape: [G, D, 3], values: random('taps').normals(G * D * 3) } } },
  'conv with a grid': {
    extras: { conv: { shape: [G, D, 2, 3], values: random('2D').normals(G * D * 6), grid: [4, 6] } },
  },
  'bool mask': {
    mask: { dtype: 'bool', shape: [N, M], values: Float32Array.from({ length: N * M }, (_, at) => Number(at % 5 > 0)) },
  },
  'float mask': { mask: { dtype: 'float32', shape: [B, 1, 1, M], values: random('mask').normals(B * M) } },
  keyLengths: { options: { keyLengths: [13, 24] } },
  causal: { options: { causal: true } },
  window: { options: { window: [5, 2] } },
  queryOffset: { options: { queryOffset: [3, -2] } },
  blockMask: {
    extras: { blocks: { sees, blockMask: blockMask(sees, { heads: 4, queries: N, keys: M, blockSize: 8 }) } },
  },
  softcap: { options: { softcap: 1.5 } },
  dropout: { options: { dropout: 0.3, seed: 5 } },
};
const names = Object.keys(settings);

/** Pairs without a meaning, as the contract has them, and what follows from it for patterns of blocks. */
const meaningless: [string, string][] = [
  ['linear', 'bool mask'],
  ['linear', 'float mask'],
  ['linear', 'window'],
  ['linear', 'blockMask'],
  ['linear', 'softcap'],
  ['linear', 'dropout'],
  ['headScales', 'bool mask'],
  ['headScales', 'float mask'],
  ['headScales', 'blockMask'],
  ['batchNorm', 'causal'],
  ['conv', 'causal'],
  ['conv with a grid', 'causal'],
];
const isMeaningless = (...pair: string[]) => meaningless.some((names) => names.every((name) => pair.includes(name)));

/** Settings of the same argument. */
const same = [
  ['conv', 'conv with a grid'],
  ['bool mask', 'float mask'],
];

function combine(...chosen: string[]) {
  const parts = chosen.map((name) => settings[name]);
  const options = Object.assign({}, ...parts.map((part) => part.options)) as AttentionOptions;
  const extras = Object.assign({}, ...parts.map((part) => part.extras)) as CaseExtras;
  return attentionCase(shape, normalOperands(shape), options, parts.find(({ mask }) => mask)?.mask, extras);
}

beforeAll(async () => {
  await init();
});

describe('with a meaning', () => {
  const pairs = names.flatMap((first, index) => names.slice(index + 1).map((second) => [first, second]));
  const meaningful = pairs.filter(([first, second]) => {
    return !isMeaningless(first, second) && !same.some((pair) => pair.includes(first) && pair.includes(second));
  });

  it.each(meaningful)('%s and %s', (first, second) => {
    expect(checkCase(combine(first, second))).toEqual([]);
  });

  it.each([
    [['batchNorm', 'headScales', 'window', 'keyLengths', 'queryOffset', 'softcap', 'dropout', 'conv', 'scale']],
    [['headScales', 'causal', 'window', 'keyLengths', 'queryOffset', 'softcap', 'dropout', 'scale']],
    [['batchNorm', 'bool mask', 'blockMask', 'window', 'keyLengths', 'queryOffset', 'softcap', 'dropout', 'scale']],
    [['causal', 'float mask', 'blockMask', 'window', 'keyLengths', 'queryOffset', 'softcap', 'dropout', 'scale']],
    [['linear', 'batchNorm', 'headScales', 'keyLengths', 'queryOffset', 'conv with a grid', 'scale']],
    [['linear', 'headScales', 'causal', 'keyLengths', 'queryOffset', 'scale']],
  ])('all of %j', (chosen) => {
    expect(checkCase(combine(...chosen))).toEqual([]);
  });
});

describe('without a meaning', () => {
  const optionOf: Record<string, string> = {
    linear: "kernel 'linear'",
    'bool mask': 'mask',
    'float mask': 'mask',
    'conv with a grid': 'conv',
  };

  it.each(meaningless)('%s and %s', (first, second) => {
    const [a, b] = [first, second].map((name) => optionOf[name] ?? name);
    expect(() => computeCase(combine(first, second))).toThrow(`attention: ${a} and ${b} cannot be combined: `);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory();
    for (const [first, second] of meaningless) expect(() => computeCase(combine(first, second))).toThrow();
    expect(tf.memory()).toEqual(before);
  });

  it('nor for the weights', () => {
    const x = tf.ones([1, 1, 4, 2]);
    expect(() => attentionWeights(x, x, { batchNorm: true, causal: true })).toThrow(
      'batchNorm and causal cannot be combined',
    );
  });
});

describe('options that say nothing', () => {
  it.each<[string, AttentionOptions, AttentionOptions]>([
    ['linear, window without limits', { kernel: 'linear', window: [-1, -1] }, { kernel: 'linear' }],
    ['linear, dropout 0', { kernel: 'linear', dropout: 0, seed: 1 }, { kernel: 'linear' }],
    ['causal, batchNorm false', { causal: true, batchNorm: false }, { causal: true }],
    ['causal, conv undefined', { causal: true, conv: undefined }, { causal: true }],
    ['softmax by name', { kernel: 'softmax', softcap: 2 }, { softcap: 2 }],
    ['headScales of 1', { headScales: [1, 1] }, {}],
    [
      'headScales of 1, causal, batchNorm false',
      { headScales: [1, 1], causal: true, batchNorm: false },
      { causal: true },
    ],
  ])('%s', (_, options, plain) => {
    const run = (options: AttentionOptions) => computeCase(attentionCase(shape, normalOperands(shape), options));
    expect(run(options)).toEqual(run(plain));
  });

  it('headScales of 1 go with masks', () => {
    for (const chosen of ['bool mask', 'float mask', 'blockMask']) {
      const { mask, extras } = settings[chosen];
      expect(checkCase(attentionCase(shape, normalOperands(shape), { headScales: [1, 1] }, mask, extras))).toEqual([]);
    }
  });
});
