// Builds the package: AssemblyScript kernels, the modules that carry and describe them, then TypeScript into dist/.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import typescript from 'typescript';
import { bindings } from './bindings.mjs';
import { writeTiles } from './tiles.mjs';

const root = new URL('..', import.meta.url);
const run = (script, ...args) =>
  execFileSync(process.execPath, [new URL(`node_modules/${script}`, root).pathname, ...args], {
    cwd: root,
    stdio: 'inherit',
  });

writeTiles();
const { targets } = JSON.parse(readFileSync(new URL('asconfig.json', root), 'utf8'));
const builds = Object.keys(targets);
for (const build of builds) run('assemblyscript/bin/asc.js', '--target', build);

// The binaries are inlined, so that a user has no path to configure, in Node or in a bundler.
mkdirSync(new URL('src/runtime/generated/', root), { recursive: true });
const encode = (build) => readFileSync(new URL(targets[build].outFile, root)).toString('base64');
writeFileSync(
  new URL('src/runtime/generated/binaries.ts', root),
  '// Written by scripts/build.mjs from assembly/.\n' +
    `export const binaries: Readonly<Record<${builds.map((build) => `'${build}'`).join(' | ')}, string>> = {\n` +
    builds.map((build) => `  '${build}': '${encode(build)}',\n`).join('') +
    '};\n',
);

// The code of a thread as text, so that a worker has no path either.
const { outputText } = typescript.transpileModule(readFileSync(new URL('src/runtime/worker.ts', root), 'utf8'), {
  compilerOptions: { target: 'ES2022', module: 'CommonJS', removeComments: true },
});
writeFileSync(
  new URL('src/runtime/generated/worker.ts', root),
  `// Written by scripts/build.mjs from src/runtime/worker.ts.\nexport const workerSource: string = ${JSON.stringify(outputText)};\n`,
);

writeFileSync(new URL('src/runtime/generated/bindings.ts', root), bindings(fileURLToPath(root)));

rmSync(new URL('dist/', root), { recursive: true, force: true });
run('typescript/bin/tsc', '--project', 'tsconfig.json');
