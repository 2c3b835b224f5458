/** The package in bundlers as they come, without settings of its own, and what they make of it in a page. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromium, openBrowser } from '../browser/chromium.js';
import { maxError } from '../support/attention.js';
import { type FileServer, serve } from '../support/fileServer.js';
import { userProject } from './project.js';
import { bundle, hasTool } from './tools.js';
import { saveVowels, vowel } from './vowels.js';

const page = (script: string) => `<!doctype html><script type="module" src="${script}"></script>`;
const project = userProject({
  'predict.js': `
    import { loadPredictor } from 'primal-attention/predict';
    globalThis.predict = async (source, value) => {
      const predictor = await loadPredictor(source);
      return [...predictor.predict([value])[0].probabilities];
    };`,
  'main.js': `
    import { attention, init, loadDataset } from 'primal-attention';
    globalThis.names = [attention, init, loadDataset].map(({ name }) => name);`,
  'predict.html': page('predict.js'),
  'main.html': page('main.js'),
});

const types: Record<string, string> = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };
/** A page whose code may come from its own files and WebAssembly only. */
const policy = { 'Content-Security-Policy': "script-src 'self' 'wasm-unsafe-eval'" };

let server: FileServer;
let browser: Browser | undefined;
let expected: number[];

beforeAll(async () => {
  expected = await saveVowels(project);
  server = await serve((request, response) => {
    const path = join(project, new URL(request.url!, 'http://localhost').pathname);
    const found = existsSync(path);
    const type = types[path.split('.').at(-1)!] ?? 'application/octet-stream';
    response.writeHead(found ? 200 : 404, { 'Content-Type': type, ...policy });
    response.end(found ? readFileSync(path) : undefined);
  });
  browser = chromium ? await openBrowser() : undefined;
});
afterAll(async () => {
  await browser?.close();
  await server.close();
});

/** Opens a page of the project, and evaluates what it has made. */
async function evaluate<T>(path: string, expression: string): Promise<T> {
  const tab = await browser!.newPage();
  await tab.goto(`${server.url}/${path}`);
  await tab.waitForFunction("'predict' in globalThis || 'names' in globalThis");
  const result = await tab.evaluate(expression);
  await tab.close();
  return result as T;
}

const bundlers: Record<string, (entry: string, folder: string) => Promise<unknown>> = {
  vite: (entry, folder) =>
    build({
      ...{ root: project, base: `/${folder}/`, configFile: false, logLevel: 'error' },
      build: { outDir: folder, rollupOptions: { input: join(project, `${entry}.html`) } },
    }),
  ...Object.fromEntries(
    ['esbuild', 'rollup', 'webpack'].map((tool) => [
      tool,
      (entry: string, folder: string) => bundle(tool, project, `${entry}.js`, join(project, folder)),
    ]),
  ),
};

describe.each(Object.keys(bundlers))('%s', (tool) => {
  const skipped = tool !== 'vite' && !hasTool(tool);

  it.skipIf(skipped).each(['predict', 'main'])(
    'bundles a page of %s',
    async (entry) => {
      const folder = `${tool}-${entry}`;
      await bundlers[tool](entry, folder);
      if (!browser) return;
      const path = `${folder}/${entry}.html`;
      if (tool !== 'vite') writeFileSync(join(project, path), page(tool === 'webpack' ? 'main.js' : `${entry}.js`));
      if (entry === 'main') {
        expect(await evaluate(path, 'names.length')).toBe(3);
        return;
      }
      const given = JSON.stringify(vowel);
      const actual = await evaluate<number[]>(path, `predict('/vowels/model.json', ${given})`);
      expect(maxError(actual, expected)).toBeLessThan(1e-5);
    },
    300_000,
  );
});
