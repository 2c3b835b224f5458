// npm run bench: compiles bench/ and runs it with the given options.
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--project', 'bench'], {
  cwd: root,
  stdio: 'inherit',
});
const { status } = spawnSync(process.execPath, ['build/bench/bench/run.js', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
