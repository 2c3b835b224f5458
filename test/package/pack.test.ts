/** What `npm pack` makes: its contents, and that it works in a project that has nothing else. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const execute = promisify(execFile);
const npm = (args: string[], cwd: string) =>
  execute('npm', ['--loglevel=error', ...args], { cwd, shell: process.platform === 'win32' });

/** What `npm pack --json` says. */
interface Packed {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}

const usage = `
import * as tf from '@tensorflow/tfjs-core';
import * as pa from 'primal-attention';
import { attention } from 'primal-attention/attention';
import { readCsv } from 'primal-attention/data';
import { loadPredictor, type Prediction, type Predictor } from 'primal-attention/predict';

const { threads }: pa.Info = await pa.init({ threads: 2 });
const x = tf.ones<tf.Rank.R4>([1, 2, 8, 4]);
const out: tf.Tensor4D = attention(x, x, x, { batchNorm: true, headScales: [1, 2] });
const model = pa.timeSeriesClassifier({ channels: 1, length: 8, classes: 2, width: 8, heads: 2, feedForward: 8 });
const series = Float32Array.from({ length: 8 }, (_, index) => index);
const data = { series: [series, series], lengths: [8, 8], channels: 1, labels: [0, 1], classNames: ['a', 'b'] };
const [progress]: pa.Progress[] = await pa.fit(model, data, { epochs: 1 });
await pa.save(model, 'model');
const again = await pa.load('model');
const predictor: Predictor = await loadPredictor('model');
const [prediction]: Prediction[] = predictor.predict([series]);
if (prediction?.probabilities.length !== 2) throw new Error('the model has two classes');
const accelerated = await import('primal-attention/accelerate');
if (readCsv !== pa.readCsv || accelerated.info().tfjs !== '4.22.0') throw new Error('accelerate brings up the same package');
console.log(JSON.stringify({ threads, shape: out.shape, finite: Number.isFinite(progress?.loss), name: again.name }));
`;

const strict = {
  target: 'ES2022',
  module: 'NodeNext',
  lib: ['ES2022', 'DOM'],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
};

describe('the package', () => {
  let project: string;
  let packed: Packed;

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'primal-attention-package-'));
    const { stdout } = await npm(['pack', '--json', '--pack-destination', project], root);
    [packed] = JSON.parse(stdout) as Packed[];
    await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    await writeFile(join(project, 'usage.ts'), usage);
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: strict, files: ['usage.ts'] }));
    // The peers come with it, as npm installs them by itself.
    await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', `./${packed.filename}`], project);
  }, 180_000);
  afterAll(() => rm(project, { recursive: true }));

  it('holds the built modules with their types, kernels, the README and the licence, and nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    const others = paths.filter((path) => !/^dist\/[\w/]+(\.js|\.d\.ts)$/.test(path));
    const kernels = [
      ...['relaxed', 'simd'].map((build) => `dist/predict/kernels.${build}.wasm`),
      ...['relaxed', 'simd', 'wide'].map((build) => `dist/runtime/generated/kernels.${build}.wasm`),
    ];
    expect(others.sort()).toEqual(['LICENSE', 'README.md', ...kernels, 'package.json']);
    expect(paths).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'dist/cli/main.js']));
    expect(packed.size).toBeLessThan(1e6);
    expect(packed.unpackedSize).toBeLessThan(3e6);
  });

  it('has types that strict TypeScript accepts, and works as an ES module', async () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const compiled = await execute(process.execPath, [tsc, '--pretty', 'false'], { cwd: project }).catch(
      (error: { stdout: string }) => error,
    );
    // Declarations of tfjs and of what it depends on are not free of errors; ours are.
    const complaints = compiled.stdout
      .split('\n')
      .filter((line) => /^(usage|node_modules\/primal-attention)/.test(line));
    expect(complaints).toEqual([]);
    const { stdout } = await execute(process.execPath, ['usage.js'], { cwd: project });
    expect(JSON.parse(stdout)).toMatchObject({ threads: 2, shape: [1, 2, 8, 4], finite: true });
  });

  it('is what publint and are-the-types-wrong take for right, as a package of ES modules', async () => {
    const tarball = join(project, packed.filename);
    const tool = (name: string, ...args: string[]) =>
      execute(process.execPath, [join(root, 'node_modules', name), ...args], { cwd: project });
    expect((await tool('publint/src/cli.js', 'run', tarball, '--strict')).stdout).toContain('All good!');
    // It ends with 1 where it finds anything.
    await tool('@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'esm-only');
  }, 120_000);

  it('has each of its parts as a sub-path', async () => {
    const parts = ['attention', 'layers', 'models', 'data', 'training', 'analysis', 'primal'];
    const names = async (path: string) => {
      const program = `console.log(JSON.stringify(Object.keys(await import('primal-attention${path}'))))`;
      const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', program], { cwd: project });
      return JSON.parse(stdout) as string[];
    };
    const all = await Promise.all(parts.map((part) => names(`/${part}`)));
    expect([...new Set(all.flat())].sort()).toEqual((await names('')).sort());
  });

  it('has a command line', async () => {
    const { stdout } = await npm(['exec', '--', 'primal-attention', 'info', '--json'], project);
    expect(JSON.parse(stdout)).toMatchObject({ simd: true, tfjs: '4.22.0' });
  });

  it('serves the model that it has made, as examples/docker/Dockerfile has it do', async () => {
    const file = await readFile(join(root, 'examples/docker/Dockerfile'), 'utf8');
    const [program, ...args] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(file)![1]) as string[];
    const child = spawn(join(project, program), [...args, '--port', '0', '--model', 'model'], { cwd: project });
    try {
      const port = await new Promise<string>((resolve, reject) => {
        let said = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          const [, found] = /^Serving model at http:\/\/0\.0\.0\.0:(\d+)$/m.exec(said) ?? [];
          if (found) resolve(found);
        });
        child.once('exit', () => reject(new Error(said)));
      });
      for (const path of ['v2/health/ready', 'openapi.json', '', 'page/main.js']) {
        const { status } = await fetch(`http://127.0.0.1:${port}/${path}`);
        expect({ path, status }).toEqual({ path, status: 200 });
      }
    } finally {
      child.kill('SIGKILL');
    }
  });
});
