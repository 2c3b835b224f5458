// Random calls of everything that the package exports, and of its kernels, and attention against a float64 reference:
// `npm run fuzz -- [--cases 10000] [--seed 0] [--only NAME,...]`. Seeds count up from the first, and a failure names its
// own and its call, so that `--cases 1 --seed S` repeats it.
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const defaults = { cases: '10000', seed: '0' };

/** The options as integers; ends the process if they are none. */
function readOptions() {
  try {
    const options = { cases: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } };
    const values = { ...defaults, ...parseArgs({ options }).values };
    for (const [name, low] of Object.entries({ cases: 1, seed: 0 })) {
      const value = Number(values[name]);
      if (Number.isSafeInteger(value) && value >= low) values[name] = value;
      else throw new Error(`--${name} was ${values[name]}; it must be an integer, ${low} or more`);
    }
    return values;
  } catch (error) {
    console.error(
      `${error.message}\nusage: npm run fuzz -- [--cases ${defaults.cases}] [--seed ${defaults.seed}] [--only NAME,...]`,
    );
    process.exit(2);
  }
}

const { cases, seed, only } = readOptions();
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
