import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { inject } from 'vitest';
import { type Answer, note } from './answers.js';
import { openSite } from './site.js';

/** Where a page is, and how it is served. */
export interface Visit {
  /** Its folder. */
  folder: string;
  /** Of `answer`, in project/. */
  options?: object;
  headers?: Record<string, string>;
}

/** Waits for what a page of a program has answered. */
export async function answerIn(tab: Page): Promise<Answer> {
  await tab.waitForFunction("'answered' in globalThis");
  return tab.evaluate('globalThis.answered');
}

/** Serves a page of a bundle, opens it, and gives its answer; `name` is its row in the table of the test. */
export async function visit(browser: Browser, name: string, { folder, options, headers }: Visit): Promise<Answer> {
  const project = inject('project');
  const wasm = join(project, 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out');
  const site = await openSite({ '/': folder, '/vowels/': join(project, 'vowels'), '/wasm/': wasm }, headers);
  const tab = await browser.newPage();
  try {
    await tab.goto(`${site.url}/?options=${encodeURIComponent(JSON.stringify(options ?? {}))}`);
    const answer = await answerIn(tab);
    note(name, answer, site.bytes);
    return answer;
  } finally {
    await tab.close();
    await site.close();
  }
}
