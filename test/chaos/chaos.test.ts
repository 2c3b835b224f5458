/** A short turn of `npm run chaos`, and its options. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/chaos.mjs', import.meta.url));
const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });

describe('npm run chaos', () => {
  it('comes to the same end, however the run was disturbed', { timeout: 900_000 }, () => {
    const { status, stdout, stderr } = run('--kills', '3', '--short');
    expect({ status, errors: stderr.match(/^error: .*$/gm) ?? [] }).toEqual({ status: 0, errors: [] });
    const kinds = stdout
      .split('\n')
      .flatMap((line) => /^\| ([a-z].*?) \| +(\d+) \| 0 \|/.exec(line)?.slice(1, 2) ?? []);
    expect(kinds.length).toBe(7);
  });

  it.each([
    ['--kills', '0'],
    ['--kills', 'x'],
    ['--kills', ''],
    ['--seed', '-1'],
    ['--kill', '3'],
  ])('does not take %s %s', (...args) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain('usage: npm run chaos -- [--kills 100] [--seed 0] [--short]');
  });
});
