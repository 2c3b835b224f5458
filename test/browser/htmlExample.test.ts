/** The example page that no tool has built, served as it stands. */
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveVowels, vowel } from '../support/vowels.js';
import { type FileServer, serve } from '../support/fileServer.js';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { chromium, openBrowser } from './chromium.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = temporaryFolder();
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

let server: FileServer;
let browser: Browser | undefined;
let expected: number[];
const missing: string[] = [];

beforeAll(async () => {
  expected = await saveVowels(folder);
  server = await serve((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const [, first, rest] = /^\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
    const folders: Record<string, string> = { 'primal-attention': root, model: join(folder, 'vowels') };
    const path = first === undefined ? join(root, 'examples/html', pathname) : join(folders[first] ?? '', rest);
    const found = existsSync(path);
    if (!found) missing.push(pathname);
    response.writeHead(found ? 200 : 404, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' });
    response.end(found ? readFileSync(path) : undefined);
  });
  browser = chromium ? await openBrowser() : undefined;
});
afterAll(async () => {
  await browser?.close();
  await server.close();
});

it.skipIf(!chromium)('classifies a case, and says what is wrong with another', async () => {
  const page = await browser!.newPage();
  await page.goto(`${server.url}/index.html`);
  await page.waitForSelector('#classify:enabled');
  const classify = async (text: string) => {
    await page.fill('#case', text);
    await page.click('#classify');
    return page.textContent('#result');
  };
  const best = expected.indexOf(Math.max(...expected));
  expect(await classify(JSON.stringify(vowel))).toBe(`${best} (${(100 * expected[best]).toFixed(1)} %)`);
  expect(await classify('[[1, 2]]')).toContain('case 1');
  expect(missing.filter((path) => path !== '/favicon.ico')).toEqual([]);
});
