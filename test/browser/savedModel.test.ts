/** A model that was trained and saved in Node, loaded by tfjs's own means in a browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Browser } from 'playwright-core';
import * as pa from 'primal-attention';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxError } from '../support/attention.js';
import { chromium, openBrowser } from './chromium.js';
import type { Page } from './page/main.js';
import { type Input, predict } from './page/predictWith.js';
import { openSite, type Site } from './site.js';

declare const page: Page;

const labels = Array.from({ length: 24 }, (_, index) => index % 3);
const lengths = labels.map((_, index) => 12 - (index % 5));
const common = { labels, classNames: ['a', 'b', 'c'] };
const sizes = { classes: 3, width: 16, feedForward: 32, heads: 4, layers: 2, seed: 1 };

const values = (label: number, index: number, count: number) =>
  Float32Array.from({ length: count }, (_, at) => Math.sin((label + 1) * at + index));
const series: pa.TimeSeriesData = {
  ...common,
  series: labels.map((label, index) => values(label, index, 2 * lengths[index])),
  lengths,
  channels: 2,
};
const images: pa.LabelledImages = {
  ...common,
  images: Float32Array.from(labels.flatMap((label, index) => [...values(label, index, 8 * 8)])),
  ...{ height: 8, width: 8, channels: 1 },
};
const tokens: pa.LabelledTokens = {
  ...common,
  tokens: labels.map((label, index) =>
    Int32Array.from({ length: lengths[index] }, (_, at) => (label * at + index) % 5),
  ),
  lengths,
  vocabulary: ['v', 'w', 'x', 'y', 'z'],
};

const ofSeries = (options: Partial<pa.TimeSeriesClassifierConfig>) => ({
  data: series,
  make: () => pa.timeSeriesClassifier({ channels: 2, length: 12, ...sizes, ...options }),
});
const models: Record<string, { data: pa.LabelledData; make: () => LayersModel }> = {
  'bn+sh': ofSeries({ attention: { batchNorm: true, headScales: [1, 1, 2, 2] } }),
  linear: ofSeries({ attention: { kernel: 'linear' }, normalization: 'layer', head: 'mean' }),
  window: ofSeries({ attention: { window: [2, 2] } }),
  images: {
    data: images,
    make: () => pa.visionTransformer({ ...sizes, height: 8, width: 8, channels: 1, patchSize: 4, embedDim: 16 }),
  },
  tokens: { data: tokens, make: () => pa.tokenClassifier({ vocabulary: 5, length: 12, ...sizes }) },
};

/** All cases as the model takes them, padded. */
function inputsOf(data: pa.LabelledData): Input[] {
  const [{ inputs }] = pa.batches(data, { batchSize: labels.length, length: 'images' in data ? undefined : 12 });
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
    for (const [name, { data, make }] of Object.entries(models)) {
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
      const inputs = inputsOf(models[name].data);
      const output = await tab.evaluate(([url, inputs]) => page.predictWith(url, inputs), [url, inputs] as const);
      expect(output).toHaveLength(labels.length * sizes.classes);
      expect(maxError(output, expected[name])).toBeLessThan(1e-5);
      await tab.close();
    });
  });
});
