/** The package in an app of Next.js: the example, and pages and routes with the programs of project/. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { chromium, openBrowser } from '../browser/chromium.js';
import { type Answer, expectSame, note, parts, showNotes } from './answers.js';
import { answerIn } from './pages.js';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const project = inject('project');
const app = join(project, 'next');
const next = join(project, 'node_modules/next/dist/bin/next');
/** Its edge runtime compiles all modules of a route, and those of relaxed SIMD in later versions of Node than 20 only. */
const node = join(project, 'node_modules/node-24/bin/node');
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' as const };

/** Starts an app; gives its address. */
async function start(app: string): Promise<{ server: ChildProcess; url: string }> {
  const server = spawn(node, [next, 'start', '--port', '0', '--hostname', '127.0.0.1'], { cwd: app, env });
  let said = '';
  const url = new Promise<string>((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text.toString();
      const [, found] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(said) ?? [];
      if (found && said.includes('Ready')) resolve(found);
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.on('exit', () => reject(new Error(`next start ended: ${said}`)));
  });
  return { server, url: await url };
}

describe.runIf(project && chromium && existsSync(node))('an app of Next.js', () => {
  let server: ChildProcess;
  let url: string;
  let browser: Browser;
  let tab: Page;

  beforeAll(async () => {
    cpSync(join(root, 'examples/next'), app, { recursive: true });
    cpSync(join(project, 'vowels'), join(app, 'public/model'), { recursive: true });
    await execute(node, [next, 'build'], { cwd: app, env });
    ({ server, url } = await start(app));
    browser = await openBrowser();
    tab = await browser.newPage();
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    server?.kill();
  });
  showNotes();

  it.each(parts)('a client component says the same: %s', async (part) => {
    await tab.goto(`${url}/check/${part}`);
    const answer = await answerIn(tab);
    note(`Next.js, ${part}`, answer);
    expectSame(part, answer);
  });

  it.each(parts)('a route says the same: %s', async (part) => {
    const answer = (await (await fetch(`${url}/api/${part}`)).json()) as Answer;
    expectSame(part, answer);
    expect(answer.threads).toBe(part === 'main' ? availableParallelism() : 1);
  });

  it.each(parts)('a route of the edge says the same: %s', async (part) => {
    const answer = (await (await fetch(`${url}/edge/${part}`)).json()) as Answer;
    expectSame(part, answer);
    expect(answer.threads).toBe(1);
  });

  it('the example classifies in the page and on the server, and says what is wrong', async () => {
    const errors: string[] = [];
    tab.on('pageerror', ({ message }) => errors.push(message));
    await tab.goto(url);
    await tab.waitForSelector('#here:enabled');
    const classify = async (button: string, text: string) => {
      await tab.fill('#case', text);
      await tab.evaluate("document.querySelector('#result').textContent = ''");
      await tab.click(button);
      return (await tab.waitForFunction("document.querySelector('#result').textContent")).jsonValue();
    };
    const { probabilities } = inject('expected').predict.results;
    const best = Math.max(...probabilities);
    const text = readFileSync(join(project, 'case.json'), 'utf8');
    for (const button of ['#here', '#server']) {
      expect(await classify(button, text)).toBe(`${probabilities.indexOf(best)} (${(100 * best).toFixed(1)} %)`);
      expect(await classify(button, '[[1]]')).toContain('it must be a list of 12 numbers');
    }
    expect(errors).toEqual([]);
  });

  // Next.js bundles routes and components of a server by themselves: two copies of tfjs in one process.
  it('a component of the server that comes after a route says which line keeps them one', async () => {
    const page = await (await fetch(`${url}/component`)).text();
    expect(page).toContain('its serverExternalPackages must name primal-attention and the packages of @tensorflow');
  });

  it('with that line both say the same, and building registers nothing twice', async () => {
    const folder = join(project, 'nextExternal');
    for (const part of ['layout.jsx', 'component', 'api/main']) {
      cpSync(join(app, 'app', part), join(folder, 'app', part), { recursive: true });
    }
    const names = ['core', 'layers', 'backend-cpu', 'backend-wasm'].map((name) => `@tensorflow/tfjs-${name}`);
    const config = { serverExternalPackages: ['primal-attention', ...names] };
    writeFileSync(join(folder, 'next.config.mjs'), `export default ${JSON.stringify(config)};`);
    const { stdout, stderr } = await execute(node, [next, 'build'], { cwd: folder, env });
    expect(stdout + stderr).not.toMatch('already registered');
    const other = await start(folder);
    try {
      expectSame('main', (await (await fetch(`${other.url}/api/main`)).json()) as Answer);
      const [, said] = /<pre>(.*?)<\/pre>/.exec(await (await fetch(`${other.url}/component`)).text())!;
      expectSame('main', JSON.parse(said.replaceAll('&quot;', '"')) as Answer);
    } finally {
      other.server.kill();
    }
  });
});
