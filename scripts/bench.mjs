// npm run bench: compiles bench/ and runs it with the given options. `peers` among them installs the peers first.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modified = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : -Infinity);

/** Runs a program whose output is for people; ends with it if it fails, as it has said why. */
function run(program, args, folder = '.') {
  const shell = program === 'npm' && process.platform === 'win32';
  const { status } = spawnSync(program, args, { cwd: join(root, folder), stdio: ['ignore', 2, 2], shell });
  if (status !== 0) process.exit(status ?? 1);
}
const node = (...args) => run(process.execPath, args);

// Modules of bench/assembly, with what the kernels of each build are compiled with.
const { targets } = JSON.parse(readFileSync(join(root, 'asconfig.json'), 'utf8'));
mkdirSync(join(root, 'build'), { recursive: true });
for (const module of ['roofline', 'softmax', 'tiles']) {
  const source = `bench/assembly/${module}.ts`;
  for (const build of ['simd', 'relaxed', 'wide']) {
    const out = `build/${module}-${build}.wasm`;
    if (modified(out) > Math.max(modified(source), modified('dist/.built'))) continue;
    const { use, enable = ['simd'] } = targets[build];
    const settings = [...enable.flatMap((feature) => ['--enable', feature]), ...use.flatMap((use) => ['--use', use])];
    const options = ['--config', 'none', '-O3', '--runtime', 'stub', '--noAssert', ...settings, '-o', out];
    node('node_modules/assemblyscript/bin/asc.js', source, ...options);
  }
}
node('node_modules/typescript/bin/tsc', '--project', 'bench');

const words = process.argv.slice(2);
if (
  words.includes('peers') &&
  modified('bench/peers/node_modules/.package-lock.json') < modified('bench/peers/package-lock.json')
) {
  console.error('Installing the peers into bench/peers (npm ci) ...');
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], 'bench/peers');
}
const { status } = spawnSync(process.execPath, ['build/bench/bench/run.js', ...words], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
