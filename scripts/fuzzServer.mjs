// Malformed requests to the server: `npm run fuzz:server -- [--bodies 10000] [--seed 1]`. Seeds count up from the first, and a
// failure names its own, so that `--bodies 1 --seed S` repeats it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readOptions } from './options.mjs';

const { bodies, seed } = readOptions('npm run fuzz:server -- [--bodies 10000] [--seed 1]', {
  bodies: [10000, 1],
  seed: [1, 0],
});
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', 'test/serve/malformed.test.ts'],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
    env: { ...process.env, SERVE_BODIES: String(bodies), SERVE_SEED: String(seed) },
  },
);
process.exit(status ?? 1);
