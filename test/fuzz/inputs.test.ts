/** A short turn of `npm run fuzz:inputs`, with its corpus, and its options. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/fuzzInputs.mjs', import.meta.url));
const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });

describe('npm run fuzz:inputs', () => {
  it('finds no malformed input that is not refused clearly', { timeout: 600_000 }, () => {
    const { status, stdout, stderr } = run('--inputs', '200', '--seed', '7');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/\n0 failures; \d{3,} blocks of code reached; 200 refused besides the corpus\.\n$/);
  });

  it.each([
    ['--inputs', '0'],
    ['--inputs', ''],
    ['--seed', 'x'],
    ['--input', '3'],
  ])('does not take %s %s', (...args) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain('usage: npm run fuzz:inputs -- [--inputs 1000] [--seed 0] [--keep]');
  });
});
