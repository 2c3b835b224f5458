// Random calls of everything that the package exports, and of its kernels, and attention against a float64 reference:
// `npm run fuzz -- [--cases 10000] [--seed 0] [--only NAME,...]`. Seeds count up from the first, and a failure names its
// own and its call, so that `--cases 1 --seed S` repeats it.
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readOptions } from './options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { cases, seed, only } = readOptions(
  'npm run fuzz -- [--cases 10000] [--seed 0] [--only NAME,...]',
  { cases: [10000, 1], seed: [0, 0] },
  { only: { type: 'string' } },
);
execFileSync(process.execPath, ['scripts/setup.mjs'], { cwd: root, stdio: 'inherit' });
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--reporter', 'verbose'];
const tests = ['test/fuzz/exports.test.ts', ...(only === undefined ? ['test/ops/attention/fuzz.test.ts'] : [])];
const { status } = spawnSync(process.execPath, [...vitest, ...tests], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    ...{ FUZZ_CASES: String(cases), FUZZ_SEED: String(seed) },
    ...(only !== undefined && { FUZZ_ONLY: only }),
  },
});
process.exit(status ?? 1);
