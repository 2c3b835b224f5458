// Builds the package: AssemblyScript kernels, the modules that carry and describe them, then TypeScript into dist/.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
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

// The kernels for predicting: files beside the code and, where a bundler leaves these behind, in the code, packed.
const predictConfig = 'asconfig.predict.json';
const { targets: predictTargets } = JSON.parse(readFileSync(new URL(predictConfig, root), 'utf8'));
const predictBuilds = Object.entries(predictTargets).map(([build, { outFile }]) => [build, new URL(outFile, root)]);
for (const [build] of predictBuilds) run('assemblyscript/bin/asc.js', '--config', predictConfig, '--target', build);
mkdirSync(new URL('src/predict/generated/', root), { recursive: true });
writeFileSync(
  new URL('src/predict/generated/bindings.ts', root),
  bindings(fileURLToPath(root), 'assembly/predict.ts', '../../runtime/pointer.js'),
);
const predictBinaries = predictBuilds.map(([build, file]) => [build, readFileSync(file)]);
// Much of one build is the same in the other: pieces of both in turn, so near that packing finds what is the same.
const PIECE = 8192;
const longest = Math.max(...predictBinaries.map(([, { length }]) => length));
const pieces = Array.from({ length: Math.ceil(longest / PIECE) }, (_, index) =>
  predictBinaries.map(([, binary]) => binary.subarray(index * PIECE, (index + 1) * PIECE)),
);
const packed = deflateRawSync(Buffer.concat(pieces.flat()), { level: 9 }).toString('base64');
writeFileSync(
  new URL('src/predict/generated/kernels.ts', root),
  '// Written by scripts/build.mjs from assembly/predict.ts.\n' +
    `/** Bytes of each build, of which \`text\` holds pieces in turn. */\nexport const sizes = { ${predictBinaries.map(([build, { length }]) => `${build}: ${length}`).join(', ')} } as const;\n` +
    `export const piece = ${PIECE};\n` +
    `/** Deflated, as base64. */\nexport const text: string = '${packed}';\n`,
);

rmSync(new URL('dist/', root), { recursive: true, force: true });
run('typescript/bin/tsc', '--project', 'tsconfig.json');
for (const [build, file] of predictBuilds) copyFileSync(file, new URL(`dist/predict/kernels.${build}.wasm`, root));
