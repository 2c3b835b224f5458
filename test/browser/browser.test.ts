/** The built package in a browser: with threads where the page is cross-origin isolated, with one where it is not. */
import { availableParallelism } from 'node:os';
import type { Browser, Page as Tab } from 'playwright-core';
import * as pa from 'primal-attention';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxError } from '../support/attention.js';
import { chromium, openBrowser } from './chromium.js';
import { compute } from './page/compute.js';
import type { Page } from './page/main.js';
import { train } from './page/train.js';
import { openSite, type Site } from './site.js';

declare const page: Page;

describe.skipIf(!chromium)('in a browser', () => {
  let browser: Browser;
  let site: Site;
  let tab: Tab;
  /** What the page complained of. */
  let errors: string[];

  beforeAll(async () => {
    site = await openSite();
    browser = await openBrowser();
    await pa.init();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  async function open(address: string): Promise<void> {
    errors = [];
    site.requests.length = 0;
    tab = await browser.newPage();
    tab.on('pageerror', ({ message }) => errors.push(message));
    await tab.goto(address);
    await tab.waitForFunction(() => 'page' in globalThis);
  }

  /** Losses in the page and in Node. */
  async function expectLearns(): Promise<void> {
    const losses = await tab.evaluate(() => page.train(5));
    expect(losses[4]).toBeLessThan(losses[0]);
    expect(maxError(losses, await train(5))).toBeLessThan(1e-3);
  }

  function expectSame(actual: number[][], expected: number[][]): void {
    expect(actual).toHaveLength(expected.length);
    for (const [index, values] of actual.entries()) expect(maxError(values, expected[index])).toBeLessThan(1e-4);
  }

  describe('with a page that is cross-origin isolated', () => {
    beforeAll(() => open(site.isolated));
    afterAll(() => tab.close());

    it('init takes all cores, on a shared heap', async () => {
      const info = await tab.evaluate(() => page.init());
      expect(info).toMatchObject({
        simd: true,
        relaxedSimd: true,
        threads: availableParallelism(),
        sharedMemory: true,
      });
      expect(info).toMatchObject({ build: 'relaxed-shared', notes: [] });
      expect(await tab.evaluate(() => page.info())).toEqual(info);
      // One build of the kernels, one of tfjs's modules, and the code of the threads, each a file of the site.
      const files = site.requests.filter((path) => /wasm$|worker/.test(path));
      expect(new Set(files.map((path) => path.replace(/-[\w-]{8}\./, '.')))).toEqual(
        new Set(
          ['tfjs-backend-wasm-threaded-simd.wasm', 'kernels.relaxed.wasm', 'worker.js'].map(
            (file) => `/assets/${file}`,
          ),
        ),
      );
    });

    it('has the threads that were asked for, and no others', async () => {
      for (const threads of [2, 1, 3]) {
        expect(await tab.evaluate((threads) => page.init({ threads }), threads)).toMatchObject({ threads });
        await expect.poll(() => tab.workers().length, { timeout: 10_000 }).toBe(threads - 1);
      }
    });

    it('computes the same bits for every number of threads, and what Node computes', async () => {
      const computeOn = async (threads: number) => {
        await tab.evaluate((threads) => page.init({ threads }), threads);
        return tab.evaluate(() => page.compute());
      };
      const one = await computeOn(1);
      expect(await computeOn(2)).toEqual(one);
      expect(await computeOn(3)).toEqual(one);
      expectSame(one, compute());
    });

    it('works in a worker of the page too', async () => {
      const { info, results } = await tab.evaluate(() => page.computeInWorker());
      expect(info).toMatchObject({ threads: 2, sharedMemory: true });
      expect(results).toEqual(await tab.evaluate(() => page.compute()));
    });

    it('ends the threads with the backend', async () => {
      await tab.evaluate(() => page.init({ threads: 2 }));
      await tab.evaluate(() => page.removeBackend());
      await expect.poll(() => tab.workers().length, { timeout: 10_000 }).toBe(0);
    });

    it('notices a thread that something ended, and starts new ones', async () => {
      const restart = () =>
        tab.evaluate(async () => {
          await page.init({ threads: 1 });
          page.workers.length = 0;
          await page.init({ threads: 2 });
        });
      await restart();
      await tab.evaluate(() => page.workers[0].terminate());
      // Chromium gives a worker two seconds to end by itself.
      await expect
        .poll(() => tab.evaluate(() => page.failureOf(page.multiply)), { timeout: 10_000 })
        .toBe('ThreadError: thread 1 died: something ended it; await init() starts new threads');
      await restart();
      expect(await tab.evaluate(() => page.failureOf(page.multiply))).toBe('');
    });

    it('trains a classifier', async () => {
      await tab.evaluate(() => page.init({ threads: 2 }));
      await expectLearns();
      expect(errors).toEqual([]);
    });
  });

  describe('with a page that is not', () => {
    beforeAll(() => open(site.plain));
    afterAll(() => tab.close());

    it('init takes one thread, and says why', async () => {
      const info = await tab.evaluate(() => page.init());
      expect(info).toMatchObject({ threads: 1, sharedMemory: false, build: 'relaxed' });
      expect(info.notes).toEqual([
        'threads: 1, since the page is not cross-origin isolated (its server must send COOP and COEP headers)',
      ]);
      expect(site.requests).toContainEqual(expect.stringMatching(/^\/assets\/tfjs-backend-wasm-simd-.*\.wasm$/));
    });

    it('init refuses more', async () => {
      const refused = tab.evaluate(() => page.init({ threads: 2 }));
      await expect(refused).rejects.toThrow(
        'init: threads was 2; only one can be had here, since the page is not cross-origin isolated',
      );
    });

    it('computes what Node computes', async () => {
      expectSame(await tab.evaluate(() => page.compute()), compute());
      expect(tab.workers()).toEqual([]);
    });

    it('trains a classifier', async () => {
      await expectLearns();
      expect(errors).toEqual([]);
    });
  });
});
