/** The package in bundlers as they come, without settings of its own, and what they make of it in a page. */
import { execFile } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { chromium, openBrowser } from '../browser/chromium.js';
import { expectSame, showNotes } from './answers.js';
import { visit } from './pages.js';
import { isolating, openSite, strictPolicy } from './site.js';

const execute = promisify(execFile);
const project = inject('project');
const cores = availableParallelism();

interface Bundler {
  /** The command that bundles a script of the folder that it runs in; Vite bundles its page. */
  command: (script: string, folder: string) => string;
  /** The script that comes of it; none where the page is made, too. */
  output?: (script: string) => string;
  /** It puts the files beside the bundle that the code refers to. */
  takesFiles: boolean;
}

const bundlers: Record<string, Bundler> = {
  vite: { command: (_, folder) => `vite build --outDir ${folder}`, takesFiles: true },
  webpack: {
    command: (script, folder) => `webpack ./${script} -o ${folder} --mode production`,
    ...{ output: () => 'main.js', takesFiles: true },
  },
  esbuild: {
    command: (script, folder) => `esbuild ${script} --bundle --minify --format=esm --outdir=${folder}`,
    ...{ output: (script) => script, takesFiles: false },
  },
  rollup: {
    command: (script, folder) => `rollup ${script} -d ${folder} -p node-resolve={browser:true} -p commonjs`,
    ...{ output: (script) => script, takesFiles: false },
  },
};

/** Bundles a script of a part into a folder, which has a page then. */
async function bundle({ command, output }: Bundler, part: string, script: string, folder: string): Promise<string> {
  const [program, ...args] = command(script, folder).split(' ');
  await execute(join(project, 'node_modules/.bin', program), args, { cwd: join(project, part) });
  const path = join(project, part, folder);
  const page = output && `<!doctype html><script type="module" src="${output(script)}"></script>`;
  if (page !== undefined) writeFileSync(join(path, 'index.html'), page);
  return path;
}

it.runIf(project && chromium)('the example that trains in a page of one file', async () => {
  const folder = join(project, 'site');
  const examples = fileURLToPath(new URL('../../examples/html/', import.meta.url));
  for (const [file, target] of [
    ['all.js', join(project, 'all.js')],
    ['train.html', join(folder, 'index.html')],
  ]) {
    cpSync(join(examples, file), target);
  }
  const args = ['all.js', '--bundle', '--minify', '--format=esm', '--outfile=site/all.js', '--log-level=warning'];
  await execute(join(project, 'node_modules/.bin/esbuild'), args, { cwd: project });
  const binaries = '@tensorflow/tfjs-backend-wasm/wasm-out';
  cpSync(join(project, 'node_modules', binaries), join(folder, binaries), { recursive: true });
  const browser = await openBrowser();
  try {
    for (const headers of [{}, isolating]) {
      const site = await openSite({ '/': folder }, headers);
      const tab = await browser.newPage();
      await tab.goto(site.url);
      await tab.click('#train');
      await tab.waitForFunction("document.querySelector('#result').textContent.includes('right')");
      const said = await tab.textContent('#result');
      const threads = headers === isolating ? cores : 1;
      expect(said).toMatch(new RegExp(`^(\\d+\\.\\d) % of new cases are right, on ${threads} threads$`));
      expect(parseFloat(said!)).toBeGreaterThan(90);
      await tab.close();
      await site.close();
    }
  } finally {
    await browser.close();
  }
});

describe.runIf(project && chromium)('pages made by', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  showNotes();

  describe.each(Object.entries(bundlers))('%s', (tool, bundler) => {
    it('predict', async () => {
      const folder = await bundle(bundler, 'predict', 'page.js', `dist-${tool}`);
      const headers = strictPolicy;
      expectSame('predict', await visit(browser, `${tool}, predict`, { folder, headers }));
      const options = { source: '/vowels/' };
      expectSame('predict', await visit(browser, `${tool}, predict from files`, { folder, headers, options }));
      const shared = { folder, options: { threads: 2 }, headers: isolating };
      const onTwo = await visit(browser, `${tool}, predict, two threads`, shared);
      expectSame('predict', onTwo);
      expect(onTwo.threads).toBe(2);
    });

    if (bundler.takesFiles) {
      it('attend and train', async () => {
        const folder = await bundle(bundler, 'main', 'page.js', `dist-${tool}`);
        expectSame('main', await visit(browser, tool, { folder, headers: strictPolicy }));
        const headers = { ...strictPolicy, ...isolating };
        const isolated = await visit(browser, `${tool}, all cores`, { folder, headers });
        expectSame('main', isolated);
        expect(isolated).toMatchObject({ threads: cores, notes: [] });
      });
      return;
    }

    it("say that tfjs's binary is missing, and which line helps", async () => {
      const folder = await bundle(bundler, 'main', 'page.js', `dist-${tool}`);
      const { error } = await visit(browser, `${tool}, without setWasmPaths`, { folder });
      expect(error).toMatch("init: tfjs's file tfjs-backend-wasm-simd.wasm is neither beside the code nor where");
      expect(error).toMatch("setWasmPaths('/the/address/of/that/folder/')");
    });

    it('attend and train with that line', async () => {
      const folder = await bundle(bundler, 'main', 'pathsPage.js', `dist-${tool}-paths`);
      expectSame('main', await visit(browser, tool, { folder, headers: strictPolicy }));
      // The threads' worker is not beside the bundle; the policy forbids one from text.
      const strict = await visit(browser, `${tool}, isolated`, { folder, headers: { ...strictPolicy, ...isolating } });
      expectSame('main', strict);
      expect(strict).toMatchObject({ threads: 1, notes: [expect.stringMatching(/^threads: 1, since thread 1 died/)] });
      const isolated = await visit(browser, `${tool}, all cores`, { folder, headers: isolating });
      expectSame('main', isolated);
      expect(isolated).toMatchObject({ threads: cores, notes: [] });
    });
  });
});
