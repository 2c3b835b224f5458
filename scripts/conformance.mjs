// npm run conformance: tfjs-core's own published tests on this package, on tfjs's wasm backend and on its plain JavaScript;
// what fails where, as a table, and the kernels that wasm lacks. `npm run conformance -- layers`: the layers of tf.layers.
// `npm run conformance -- layers-tests FOLDER`: tfjs-layers' own published tests, see test/conformance/layersTests.ts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { markdownTable } from 'markdown-table';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'primal-attention-conformance-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const [what, layersFolder = ''] = process.argv.slice(2);
const published =
  what === 'layers-tests'
    ? { file: 'publishedLayers', env: { LAYERS_TESTS: resolve(layersFolder) } }
    : { file: 'operations', env: {} };

function run(setting) {
  const output = join(folder, `${setting}.json`);
  console.error(`Running the published tests: ${setting} ...`);
  const env = { ...process.env, ...published.env, CONFORMANCE_SETTING: setting, CONFORMANCE_OUTPUT: output };
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', `test/conformance/${published.file}.test.ts`],
    { cwd: root, env, encoding: 'utf8' },
  );
  try {
    return JSON.parse(readFileSync(output, 'utf8'));
  } catch {
    console.error(stdout + stderr);
    process.exit(1);
  }
}

/** Layers of tf.layers: the largest differences from tfjs's plain JavaScript. */
function layerTable() {
  const output = join(folder, 'layers.json');
  console.error('Running the layers of tf.layers ...');
  spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/conformance/layers.test.ts'], {
    cwd: root,
    env: { ...process.env, CONFORMANCE_LAYERS: output },
    stdio: 'ignore',
  });
  const text = (difference) => (difference === 0 ? '0' : difference.toExponential(0));
  return markdownTable([
    ['layer', 'forward', 'gradients and a step', ''],
    ...JSON.parse(readFileSync(output, 'utf8')).map(({ name, forward, training, cpuIsWrong = '' }) => [
      name,
      text(forward),
      text(training),
      cpuIsWrong && `cpu: ${cpuIsWrong}`,
    ]),
  ]);
}

if (what === 'layers') {
  console.log(layerTable());
  process.exit();
}

const settings = { ours: 'primal-attention', wasm: "tfjs's wasm", cpu: "tfjs's cpu" };
const outcomes = Object.keys(settings).map((setting) => [setting, run(setting)]);
const count = (all, status) => all.filter((one) => one.status === status).length;
console.log(
  markdownTable([
    ['backend', 'passed', 'failed', 'skipped'],
    ...outcomes.map(([setting, all]) => [
      settings[setting],
      ...['passed', 'failed', 'skipped'].map((status) => String(count(all, status))),
    ]),
  ]),
);
for (const [setting, all] of outcomes) {
  const failed = all.filter(({ status }) => status === 'failed');
  if (failed.length === 0) continue;
  console.log(`\n${settings[setting]}:\n`);
  for (const { name, message } of failed) console.log(`- ${name}: ${message}`);
}
if (what === 'layers-tests') process.exit();
const names = (backend) => new Set(tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName));
const wasm = names('wasm');
console.log(
  `\nKernels of cpu that tfjs's wasm lacks: ${[...names('cpu')].filter((name) => !wasm.has(name)).join(', ')}.`,
);
