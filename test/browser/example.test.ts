/** The page of `npm run example` in a browser: it trains, opens a model trained in Node, classifies and shows attention. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromium, openBrowser } from './chromium.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Serves the page as `npm run example` does, but for these headers. */
async function serve(headers: Record<string, string>): Promise<ViteDevServer> {
  const configFile = join(root, 'examples/browser/vite.config.ts');
  const server = await createServer({ configFile, server: { port: 0, headers }, logLevel: 'error' });
  return server.listen();
}

describe.skipIf(!chromium)('the example page', { timeout: 120_000 }, () => {
  let server: ViteDevServer;
  let browser: Browser;
  let page: Page;
  /** What the page complained of. */
  let complaints: string[];

  beforeAll(async () => {
    server = await serve({});
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  beforeEach(async () => {
    complaints = [];
    page = await browser.newPage({ viewport: { width: 1240, height: 1400 } });
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  async function open(from = server): Promise<void> {
    await page.goto(from.resolvedUrls!.local[0]);
    await page.waitForSelector('#train:enabled');
  }

  async function train(form: string, epochs: number): Promise<void> {
    await page.selectOption('#attention', form);
    await page.fill('#epochs', String(epochs));
    await page.fill('#width', '32');
    await page.click('#train');
  }

  /** Waits until the model is there and its view of a case is drawn; gives the accuracy that is shown, 0 to 1. */
  async function result(): Promise<number> {
    await page.waitForSelector('#train:enabled');
    expect(await page.textContent('#problem')).toBe('');
    await page.waitForSelector('#maps canvas');
    const [, percent] = /^(\d+\.\d) % of 370 right/.exec((await page.textContent('#score'))!)!;
    return Number(percent) / 100;
  }

  /** The points of a curve, as they are labelled for those who cannot see it. */
  async function curve(id: string, part: string): Promise<number[]> {
    const labels = await page
      .locator(`#${id} path[aria-label]`)
      .evaluateAll((marks) => marks.map((mark) => mark.getAttribute('aria-label')!));
    // The line has the label of its first point too.
    const points = labels.filter((label) => label.includes(`part: ${part}`)).map((label) => label.split(/: |; /));
    return [...new Map(points.map((words) => [words[1], parseFloat(words[words.indexOf(id) + 1])])).values()];
  }

  /** Colours in the picture of the attention maps. */
  function colours(): Promise<number> {
    return page.locator('#maps canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
  }

  it('trains on all cores, and shows how, and what the model attends to', async () => {
    await open();
    expect(await page.textContent('#info')).toContain(`${availableParallelism()} thread`);
    expect(await page.textContent('#notes')).toBe('');
    await train('bn+sh', 6);
    expect(await result()).toBeGreaterThan(0.5);
    for (const part of ['training', 'validation']) {
      const losses = await curve('loss', part);
      expect(losses).toHaveLength(6);
      expect(losses[5]).toBeLessThan(0.8 * losses[0]);
      expect((await curve('accuracy', part))[5]).toBeGreaterThan(50);
    }
    expect(await colours()).toBeGreaterThan(50);

    await page.click('#grid button.wrong');
    await page.waitForSelector('#probabilities .bar.wrong');
    expect(await page.textContent('#case')).toMatch(/^Prediction for case \d+, of class \d$/);
    await page.click('#grid button.right');
    await page.waitForSelector('#probabilities .bar.right.true');
  });

  it('stays alive while it trains, and stops when it is told to', async () => {
    await open();
    await train('softmax', 200);
    await page.waitForFunction(() => /^Epoch/.test(document.getElementById('state')!.textContent));
    await page.click('#stop');
    await result();
    const [, epochs] = /^Trained for (\d+) epoch/.exec((await page.textContent('#state'))!)!;
    expect(Number(epochs)).toBeLessThan(200);
  });

  it('opens a model that the command line has trained, with the same accuracy', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'primal-attention-example-'));
    try {
      const command = ['train', '--data', 'JapaneseVowels', '--form', 'sh', '--epochs', '3', '--width', '32', '--json'];
      const main = join(root, 'dist/cli/main.js');
      const { stdout } = await promisify(execFile)(process.execPath, [main, ...command, '--output', folder]);
      const { testAccuracy } = JSON.parse(stdout) as { testAccuracy: { last: number } };
      await open();
      await page.setInputFiles('#folder', folder);
      await page.waitForFunction(() => document.getElementById('state')!.textContent === 'Opened.');
      expect(await result()).toBeCloseTo(testAccuracy.last, 3);
      expect(await page.textContent('#score')).toContain('sh attention');
      expect(await colours()).toBeGreaterThan(50);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says what is wrong with a folder that holds no model', async () => {
    await open();
    await page.setInputFiles('#folder', join(root, 'datasets'));
    await page.waitForSelector('#problem:visible');
    expect(await page.textContent('#problem')).toBe(
      "the folder holds no model.json; it must be one that 'primal-attention train' wrote",
    );
  });

  it('says why it has one thread only, where the page is not cross-origin isolated', async () => {
    const plain = await serve({ 'Cross-Origin-Opener-Policy': '', 'Cross-Origin-Embedder-Policy': '' });
    await open(plain);
    expect(await page.textContent('#info')).toContain('1 thread');
    expect(await page.textContent('#notes')).toContain('not cross-origin isolated');
    await train('linear', 2);
    await result();
    await plain.close();
  });
});
