/** A model that was trained and saved in Node, loaded by tfjs's own means in a browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import * as pa from 'primal-attention';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxError } from '../support/attention.js';
import { chromium, openBrowser } from './chromium.js';
import type { Page } from './page/main.js';
import { type Input, predict } from './page/predictWith.js';
import { openSite, type Site } from './site.js';

declare const page: Page;

const length = 12;
const config = { channels: 2, length, classes: 3, width: 16, feedForward: 32, heads: 4, layers: 2, seed: 1 };
const models: Record<string, Partial<pa.TimeSeriesClassifierConfig>> = {
  'bn+sh': { attention: { batchNorm: true, headScales: [1, 1, 2, 2] } },
  linear: { attention: { kernel: 'linear' }, normalization: 'layer', head: 'mean' },
  window: { attention: { window: [2, 2] } },
};

const labels = Array.from({ length: 24 }, (_, index) => index % config.classes);
const lengths = labels.map((_, index) => length - (index % 5));
const data: pa.TimeSeriesData = {
  series: labels.map((label, index) =>
    Float32Array.from({ length: lengths[index] * config.channels }, (_, at) => Math.sin((label + 1) * at + index)),
  ),
  lengths,
  channels: config.channels,
  labels,
  classNames: ['a', 'b', 'c'],
};

/** The cases as the model takes them, padded. */
const inputs: Input[] = [
  {
    values: data.series.flatMap((values) => [
      ...values,
      ...new Array<number>(length * config.channels - values.length).fill(0),
    ]),
    shape: [labels.length, length, config.channels],
  },
  { values: lengths, shape: [labels.length, 1] },
];

describe.skipIf(!chromium)('a model trained in Node', () => {
  let browser: Browser;
  let site: Site;
  let folder: string;
  const expected: Record<string, number[]> = {};

  beforeAll(async () => {
    await pa.init();
    folder = await mkdtemp(join(tmpdir(), 'primal-attention-models-'));
    for (const [name, options] of Object.entries(models)) {
      const model = pa.timeSeriesClassifier({ ...config, ...options });
      await pa.fit(model, data, { epochs: 3, batchSize: 8, seed: 1 });
      expected[name] = predict(model, inputs);
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
      const output = await tab.evaluate(([url, inputs]) => page.predictWith(url, inputs), [url, inputs] as const);
      expect(output).toHaveLength(labels.length * config.classes);
      expect(maxError(output, expected[name])).toBeLessThan(1e-5);
      await tab.close();
    });
  });
});
