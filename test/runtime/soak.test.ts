/** The soak test, short: `npm run soak` is the long one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/soak.mjs', import.meta.url));

it('memory stays flat over 100 training steps, on one thread and on two', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'primal-attention-soak-'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--steps', '100', '--output', folder]);
  expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' });
  expect(String(stdout)).toMatch(/^1 thread, 100 steps: .* flat\n2 threads, 100 steps: .* flat\nchart: /);
  expect(readFileSync(join(folder, 'soak.svg'), 'utf8')).toContain('<svg');
  rmSync(folder, { recursive: true });
});

it('wrong use has status 2', () => {
  const { status, stderr } = spawnSync(process.execPath, [script, '--steps', 'many']);
  expect(status).toBe(2);
  expect(String(stderr)).toContain('--steps was many; it must be an integer, 100 or more');
});
