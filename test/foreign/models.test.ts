/**
 * Models that nobody here wrote, from packages that bring their weights, and tf.data as tfjs documents it:
 * `import 'primal-attention/accelerate'` changes what computes, and no result.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const execute = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const isInstalled = existsSync(here('node_modules/nsfwjs'));
if (!isInstalled) {
  console.warn('nsfwjs and face-api are not installed: their tests are skipped (npm install in test/foreign).');
}

interface Result {
  backend: string;
  numbers: number[];
}

async function run(...program: string[]): Promise<Result> {
  const { stdout } = await execute(process.execPath, program, { cwd: here('.') });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Result;
}

describe.skipIf(!isInstalled)("other people's programs", () => {
  beforeAll(() => {
    // As npm would install it, beside the tfjs that the models use.
    const installed = here('node_modules/primal-attention');
    rmSync(installed, { recursive: true, force: true });
    for (const part of ['package.json', 'dist']) {
      cpSync(here(`../../${part}`), `${installed}/${part}`, { recursive: true });
    }
  });

  it.each([
    { name: 'nsfwjs', count: 5, program: ['run.mjs', 'nsfw'], beside: 'wasm' },
    { name: 'face-api', count: 134, program: ['run.mjs', 'face'], beside: 'wasm' },
    // tfjs's wasm cannot train convolutions.
    { name: 'tf.data and fitDataset', count: 6, program: ['dataset.mjs'], beside: 'cpu' },
  ])('$name', { timeout: 300_000 }, async ({ count, program, beside }) => {
    const before = await run(...program, beside);
    expect(before.numbers.length).toBeGreaterThanOrEqual(count);
    const after = await run(...program, 'accelerate');
    expect(after.backend).toBe('wasm');
    expect(after.numbers.length).toBe(before.numbers.length);
    after.numbers.forEach((number, i) => {
      const difference = Math.abs(number - before.numbers[i]);
      expect(difference).toBeLessThan(1e-4 + 1e-3 * Math.abs(before.numbers[i]));
    });
  });
});
