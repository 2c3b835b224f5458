// Builds the package: AssemblyScript kernels, the modules that carry and describe them, then TypeScript into dist/.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import typescript from 'typescript';
import { bindings } from './bindings.mjs';
import { writeByteTiles } from './byteTiles.mjs';
import { writeTiles } from './tiles.mjs';

const root = new URL('..', import.meta.url);
const run = (script, ...args) =>
  execFileSync(process.execPath, [new URL(`node_modules/${script}`, root).pathname, ...args], {
    cwd: root,
    stdio: 'inherit',
  });

writeTiles();
writeByteTiles();
const { targets } = JSON.parse(readFileSync(new URL('asconfig.json', root), 'utf8'));
const builds = Object.keys(targets);
for (const build of builds) run('assemblyscript/bin/asc.js', '--target', build);

rmSync(new URL('src/runtime/generated/', root), { recursive: true, force: true });
mkdirSync(new URL('src/runtime/generated/', root), { recursive: true });
const generated = (name) => new URL(`src/runtime/generated/${name}`, root);

/** A section that WebAssembly ignores, and that says which build a compiled module is. */
function named(binary, build) {
  const [key, name] = [Buffer.from('primal-attention build'), Buffer.from(build)];
  return Buffer.concat([binary, Buffer.from([0, 1 + key.length + name.length, key.length]), key, name]);
}

/** A module that carries builds, for where their files are not beside the code; see src/runtime/unpackBinary.ts. */
function packed(binaries) {
  // Much of one build is the same in the other: pieces of both in turn, so near that packing finds what is the same.
  const piece = 8192;
  const longest = Math.max(...binaries.map(([, { length }]) => length));
  const pieces = Array.from({ length: Math.ceil(longest / piece) }, (_, index) =>
    binaries.map(([, binary]) => binary.subarray(index * piece, (index + 1) * piece)),
  );
  const text = deflateRawSync(Buffer.concat(pieces.flat()), { level: 9 }).toString('base64');
  return (
    '// Written by scripts/build.mjs from assembly/.\n' +
    `export const sizes = { ${binaries.map(([build, { length }]) => `${build}: ${length}`).join(', ')} } as const;\n` +
    `export const piece = ${piece};\n` +
    `export const text: string = '${text}';\n`
  );
}

// The kernels are files beside the code: one is loaded, by what the runtime has.
const binaries = builds.map((build) => [build, named(readFileSync(new URL(targets[build].outFile, root)), build)]);
for (const [build, binary] of binaries) writeFileSync(generated(`kernels.${build}.wasm`), binary);
writeFileSync(generated('kernels.ts'), packed(binaries.filter(([build]) => build !== 'wide')));

// The code of a thread as text, too, for workers without a path.
const { outputText } = typescript.transpileModule(readFileSync(new URL('src/runtime/worker.ts', root), 'utf8'), {
  compilerOptions: { target: 'ES2022', module: 'CommonJS', removeComments: true },
});
writeFileSync(
  generated('worker.ts'),
  `// Written by scripts/build.mjs from src/runtime/worker.ts.\nexport const workerSource: string = ${JSON.stringify(outputText)};\n`,
);

writeFileSync(generated('bindings.ts'), bindings(fileURLToPath(root)));

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
writeFileSync(
  new URL('src/predict/generated/kernels.ts', root),
  packed(predictBuilds.map(([build, file]) => [build, readFileSync(file)])),
);

rmSync(new URL('dist/', root), { recursive: true, force: true });
run('typescript/bin/tsc', '--project', 'tsconfig.json');
for (const [build, file] of predictBuilds) copyFileSync(file, new URL(`dist/predict/kernels.${build}.wasm`, root));
for (const build of builds) {
  copyFileSync(generated(`kernels.${build}.wasm`), new URL(`dist/runtime/generated/kernels.${build}.wasm`, root));
}
