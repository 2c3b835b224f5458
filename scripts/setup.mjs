// Makes a fresh clone ready to run: installs when node_modules is missing or older than the lock file, and builds when
// dist/ is missing or older than any source. Uses nothing but Node and npm, since it runs before the install.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modified = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : -Infinity);
const newest = (path) =>
  readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('generated'))
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);

const run = (command, ...args) =>
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });

if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  console.error('Installing dependencies (npm ci) ...');
  run('npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error');
}

const stamp = 'dist/.built';
const settings = ['asconfig.json', 'tsconfig.json', 'package-lock.json'].map(modified);
if (modified(stamp) < Math.max(...settings, ...['assembly', 'scripts', 'src'].map(newest))) {
  console.error('Building kernels and TypeScript ...');
  run(process.execPath, 'scripts/build.mjs');
  writeFileSync(join(root, stamp), '');
}
