import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { inject, vi } from 'vitest';
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

/**
 * Waits for what a page of a program has answered. The page is asked from outside, again and again: what a driver leaves in
 * it to wait there is a text that it evaluates, which a strict policy forbids.
 *
 * @param tab of any driver
 */
export function answerIn(tab: { evaluate(expression: string): Promise<unknown> }): Promise<Answer> {
  const answered = () => tab.evaluate('globalThis.answered') as Promise<Answer | undefined>;
  return vi.waitUntil(answered, { timeout: 60_000, interval: 50 });
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
