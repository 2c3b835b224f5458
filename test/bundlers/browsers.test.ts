/** The package in pages and workers of browsers, cross-origin isolated or not, under a strict policy. */
import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium as chromiumType } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { chromium } from '../browser/chromium.js';
import { expectSame, note, type Part, parts, showNotes } from './answers.js';
import { type Driver, drivers } from './drivers.js';
import { answerIn } from './pages.js';
import { isolating, openSite, type Site, strictPolicy } from './site.js';

const execute = promisify(execFile);
const project = inject('project');
const cores = availableParallelism();
const folderOf = (part: Part) => join(project, part, 'dist-contexts');

describe.runIf(project)('in browsers', () => {
  beforeAll(async () => {
    const vite = join(project, 'node_modules/.bin/vite');
    for (const part of parts) {
      await execute(vite, ['build', '--config', 'contexts.config.js'], { cwd: join(project, part) });
    }
  });
  showNotes();

  describe.each(Object.entries(drivers))('%s', (name, { missing, open }) => {
    describe.skipIf(missing)('', () => {
      let driver: Driver;
      const sites: Partial<Record<`${Part} ${'plain' | 'isolated'}`, Site>> = {};

      beforeAll(async () => {
        for (const part of parts) {
          sites[`${part} plain`] = await openSite({ '/': folderOf(part) }, strictPolicy);
          sites[`${part} isolated`] = await openSite({ '/': folderOf(part) }, { ...strictPolicy, ...isolating });
        }
        driver = await open();
      });
      afterAll(async () => {
        await driver?.close();
        for (const site of Object.values(sites)) await site.close();
      });

      describe.each(['index', 'worker', 'service'])('%s.html', (page) => {
        describe.each(['plain', 'isolated'] as const)('%s', (kind) => {
          const ask = async (part: Part, options: object = {}) => {
            const { url } = sites[`${part} ${kind}`]!;
            const answer = await driver.answer(
              `${url}/${page}.html?options=${encodeURIComponent(JSON.stringify(options))}`,
            );
            note(`${name}, ${page}, ${kind}, ${part}`, answer);
            return answer;
          };
          // A service worker has no workers of its own.
          const threaded = kind === 'isolated' && page !== 'service';

          it('attends and trains, on all cores where there can be threads, else on one with a note', async () => {
            const answer = await ask('main');
            expectSame('main', answer);
            // WebKit says 4 or 8 cores of any machine.
            if (threaded && name === 'WebKitGTK') expect(answer.threads).toBeGreaterThan(1);
            else expect(answer.threads).toBe(threaded ? cores : 1);
            const notes = answer.notes!.filter((note) => note.startsWith('threads'));
            expect(notes).toEqual(threaded ? [] : [expect.stringMatching(/^threads: 1, since/)]);
          });

          it('predicts', async () => {
            expectSame('predict', await ask('predict'));
          });

          it('predicts on two threads, or says why not', async () => {
            const answer = await ask('predict', { threads: 2 });
            if (!threaded) {
              expect(answer.error).toMatch('loadPredictor: threads was 2; only one can be had here, since');
              return;
            }
            expectSame('predict', answer);
            expect(answer.threads).toBe(2);
          });
        });
      });
    });
  });

  describe.runIf(chromium).each([false, true])('a page of an extension of Chromium, isolated: %s', (isolated) => {
    it.each(parts)('says the same: %s', async (part) => {
      const extension = join(project, `extension-${part}-${isolated}`);
      cpSync(join(project, 'extension'), extension, { recursive: true });
      cpSync(folderOf(part), extension, { recursive: true });
      if (isolated) {
        const manifest = join(extension, 'manifest.json');
        const embedder = { cross_origin_embedder_policy: { value: 'require-corp' } };
        const opener = { cross_origin_opener_policy: { value: 'same-origin' } };
        const text = JSON.parse(readFileSync(manifest, 'utf8')) as object;
        writeFileSync(manifest, JSON.stringify({ ...text, ...embedder, ...opener }));
      }
      const context = await chromiumType.launchPersistentContext('', {
        executablePath: chromium,
        headless: true,
        ignoreDefaultArgs: ['--disable-extensions'],
        args: [
          '--no-sandbox',
          '--disable-gpu',
          `--disable-extensions-except=${extension}`,
          `--load-extension=${extension}`,
        ],
      });
      try {
        const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
        const tab = await context.newPage();
        await tab.goto(new URL('/index.html', worker.url()).href);
        const answer = await answerIn(tab);
        note(`Chromium, extension, ${isolated ? 'isolated' : 'plain'}, ${part}`, answer);
        expectSame(part, answer);
        if (part === 'main') expect(answer.threads).toBe(isolated ? cores : 1);
      } finally {
        await context.close();
      }
    });
  });
});
