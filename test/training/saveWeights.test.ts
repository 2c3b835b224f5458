/** Models with their weights in fewer bytes: read by everything that reads models. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { float16Of } from '../../src/float16.js';
import { loadPredictor } from '../../src/predict/node.js';
import { maxError } from '../support/attention.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const series = Float32Array.from({ length: 24 }, (_, at) => Math.sin(at));
const data = { series: [series], lengths: [12], channels: 2, labels: [0], classNames: ['0', '1', '2'] };

beforeAll(() => pa.init());

describe('save', () => {
  it.each([
    ['float16', 0.5, 1e-3],
    ['uint8', 0.25, 2e-2],
  ] as const)('stores %s', async (weights, share, error) => {
    const model = pa.timeSeriesClassifier({ channels: 2, length: 12, classes: 3, width: 64, head: 'mean', seed: 1 });
    const [expected] = pa.predict(model, data);
    const size = async (name: string) => (await stat(join(folder, name, 'weights.bin'))).size;
    await pa.save(model, join(folder, `whole ${weights}`));
    await pa.save(model, join(folder, weights), { weights });
    expect((await size(weights)) / (await size(`whole ${weights}`))).toBeLessThan(share + 0.02);
    const copy = await pa.load(join(folder, weights));
    const [loaded] = pa.predict(copy, data);
    expect(maxError(loaded, expected)).toBeLessThan(error);
    expect(maxError(loaded, expected)).toBeGreaterThan(0);
    const predictor = await loadPredictor(join(folder, weights));
    expect(maxError(predictor.predict([series])[0].probabilities, loaded)).toBeLessThan(1e-5);
    const json = await readFile(join(folder, weights, 'model.json'), 'utf8');
    expect(json).toContain(`"quantization":{"dtype":"${weights}"`);
  });

  it('names what is wrong', async () => {
    const model = pa.timeSeriesClassifier({ channels: 1, length: 4, classes: 2, width: 8, heads: 2 });
    await expect(pa.save(model, join(folder, 'x'), { weights: 'int4' as 'uint8' })).rejects.toThrow(
      "save: weights was 'int4'; it must be 'float32' or 'float16' or 'uint8'",
    );
  });
});

it('float16Of rounds to the nearest, ties to even', () => {
  const cases: [number, number][] = [
    ...([
      [0, 0],
      [-0, 0x8000],
      [1, 0x3c00],
      [-2, 0xc000],
      [65504, 0x7bff],
      [65520, 0x7c00],
    ] as [number, number][]),
    ...([
      [2 ** -24, 1],
      [2 ** -25, 0],
      [3 * 2 ** -25, 2],
      [2 ** -14, 0x400],
      [1 + 2 ** -11, 0x3c00],
    ] as [number, number][]),
    ...([
      [1 + 3 * 2 ** -11, 0x3c02],
      [2 - 2 ** -12, 0x4000],
      [1e9, 0x7c00],
      [NaN, 0x7e00],
    ] as [number, number][]),
  ];
  for (const [value, half] of cases) expect(float16Of(value), `${value}`).toBe(half);
});
