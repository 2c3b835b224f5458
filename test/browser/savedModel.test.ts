/** A model that was trained and saved in Node, loaded by tfjs's own means in a browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Browser } from 'playwright-core';
import * as pa from 'primal-attention';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batches } from '../../src/data/batches.js';
import { maxError } from '../support/attention.js';
import { chromium, openBrowser } from './chromium.js';
import type { Page } from './page/main.js';
import { type Input, predict } from './page/predictWith.js';
import { openSite, type Site } from './site.js';

declare const page: Page;

const length = 12;
const labels = Array.from({ length: 24 }, (_, index) => index % 3);
const common = { labels, classNames: ['a', 'b', 'c'] };
const lengths = labels.map((_, index) => length - (index % 5));
const numbers = (count: number, label: number, index: number) =>
  Float32Array.from({ length: count }, (_, at) => Math.sin((label + 1) * at + index));
const series: pa.TimeSeriesData = {
  ...{ ...common, lengths, channels: 2 },
  series: labels.map((label, index) => numbers(lengths[index] * 2, label, index)),
};
const tokens: pa.LabelledTokens = {
  ...{ ...common, lengths, vocabulary: ['x', 'y', 'z', 'end'] },
  tokens: labels.map((label, index) =>
    Int32Array.from({ length: lengths[index] }, (_, at) => (at * label + index) % 4),
  ),
};
const images: pa.LabelledImages = {
  ...{ ...common, height: 8, width: 8, channels: 1 },
  images: Float32Array.from(labels.flatMap((label, index) => [...numbers(64, label, index)])),
};

const sizes = { classes: 3, feedForward: 32, heads: 4, layers: 2, seed: 1 };
const ofSeries = (options: Partial<pa.TimeSeriesClassifierConfig>) => () =>
  pa.timeSeriesClassifier({ channels: 2, length, width: 16, ...sizes, ...options });
const both = { batchNorm: true, headScales: [1, 1, 2, 2] };
const models: Record<string, { make: () => LayersModel; data: pa.LabelledData }> = {
  'bn+sh': { make: ofSeries({ attention: both }), data: series },
  linear: {
    make: ofSeries({ attention: { kernel: 'linear' }, normalization: 'layer', head: 'mean' }),
    data: series,
  },
  window: { make: ofSeries({ attention: { window: [2, 2] }, normFirst: true, positions: 'sinusoidal' }), data: series },
  tokens: {
    make: () => pa.tokenClassifier({ vocabulary: 4, length, width: 16, attention: both, ...sizes }),
    data: tokens,
  },
  images: {
    make: () => pa.visionTransformer({ height: 8, width: 8, channels: 1, embedDim: 16, attention: both, ...sizes }),
    data: images,
  },
};

/** All cases as the model takes them. */
function inputsOf(data: pa.LabelledData): Input[] {
  const [{ inputs }] = batches(data, { batchSize: labels.length, length });
  return inputs.map(({ values, shape }) => ({ values: [...values], shape }));
}

describe.skipIf(!chromium)('a model trained in Node', () => {
  let browser: Browser;
  let site: Site;
  let folder: string;
  const expected: Record<string, number[]> = {};

  beforeAll(async () => {
    await pa.init();
    folder = await mkdtemp(join(tmpdir(), 'primal-attention-models-'));
    for (const [name, { make, data }] of Object.entries(models)) {
      const model = make();
      await pa.fit(model, data, { epochs: 3, batchSize: 8, seed: 1 });
      expected[name] = predict(model, inputsOf(data));
      await pa.save(model, join(folder, name));
      model.dispose();
    }
    site = await openSite({ models: folder });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  describe.each(['isolated', 'plain'] as const)('in a page that is %s', (kind) => {
    it.each(Object.keys(models))('gives the same probabilities: %s', async (name) => {
      const tab = await browser.newPage();
      await tab.goto(site[kind]);
      await tab.waitForFunction(() => 'page' in globalThis);
      await tab.evaluate(() => page.init());
      const url = `${new URL(site[kind]).origin}/models/${encodeURIComponent(name)}/model.json`;
      const given = [url, inputsOf(models[name].data)] as const;
      const output = await tab.evaluate(([url, inputs]) => page.predictWith(url, inputs), given);
      expect(output).toHaveLength(labels.length * sizes.classes);
      expect(maxError(output, expected[name])).toBeLessThan(1e-5);
      await tab.close();
    });
  });
});
