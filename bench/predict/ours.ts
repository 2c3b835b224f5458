// A job of predicting in the process of one configuration: float32 and int8 in turn.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { save, timeSeriesClassifier } from '../../src/index.js';
import { Constants } from '../../src/predict/constants.js';
import { load, type Platform } from '../../src/predict/load.js';
import { byteProducts } from '../../src/predict/makePredictor.js';
import type { PlanKernels } from '../../src/predict/planKernels.js';
import { PlanMemory } from '../../src/predict/planMemory.js';
import { PlanOps } from '../../src/predict/planOps.js';
import { Recorder } from '../../src/predict/recorder.js';
import type { Precision } from '../../src/predict/types.js';
import { Weights } from '../../src/predict/weights.js';
import { nodeThreads } from '../../src/runtime/platform/nodeThreads.js';
import { startOurs } from '../processes/ours.js';
import { arithmeticRoof } from '../processes/roofline.js';
import type { Setting, Subject } from '../processes/subject.js';
import { normal } from '../random.js';
import type { PredictedModel, PredictedProduct, PredictJob } from './rows.js';

export interface PredictFacts {
  /** How bytes are multiplied. */
  products: string;
  /** GFLOP/s of float32. */
  roof: number;
  /** Bytes of a predictor's memory above its weights as float32; of models. */
  beside?: number;
}

const binaryOf = (build: string) => readFileSync(new URL(`../../../predict.${build}.wasm`, import.meta.url));

/** A product as plans have it, with one task after the other. */
async function product({ rows, depth, columns }: PredictedProduct, build: string, precision: Precision) {
  const memory = new PlanMemory();
  const module = await WebAssembly.compile(new Uint8Array(binaryOf(build)));
  const kernels = new WebAssembly.Instance(module, { env: { memory: memory.memory } })
    .exports as unknown as PlanKernels;
  const specs = [
    { name: 'dense/kernel', shape: [depth, columns], dtype: 'float32' },
    { name: 'dense/bias', shape: [columns], dtype: 'float32' },
  ];
  const weights = new Weights(specs, normal('weights', (depth + 1) * columns).buffer as ArrayBuffer);
  const constants = new Constants(kernels, memory, weights);
  const recorder = new Recorder(kernels, memory);
  const x = recorder.table(normal('inputs', rows * depth), [rows, depth]);
  recorder.use(new PlanOps(recorder, constants, rows, precision).linear(x, 'dense'), Infinity);
  const base = memory.reserve(0, 64);
  memory.reserve(recorder.finish(base) - base, 64);
  return { call: () => recorder.compute(), products: byteProducts[constants.byteDots] as string };
}

/** The folder of a fresh model; it goes with the process. */
export async function saved({
  channels,
  length,
  classes,
  width,
  feedForward,
  layers,
}: PredictedModel): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'primal-attention-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const model = timeSeriesClassifier({ channels, length, classes, width, feedForward, layers, heads: 8, seed: 1 });
  await save(model, folder);
  model.dispose();
  return folder;
}

let roof: number | undefined;

export async function prepare(job: PredictJob, setting: Setting): Promise<Subject<PredictFacts>> {
  await startOurs({ ...setting, threads: 1 }); // switches V8's flags, too
  roof ??= await arithmeticRoof(setting);
  if ('product' in job) {
    const [exact, bytes] = [
      await product(job.product, setting.build, 'float32'),
      await product(job.product, setting.build, 'int8'),
    ];
    return { facts: { products: bytes.products, roof }, calls: { float32: exact.call, int8: bytes.call } };
  }
  const { model, batch } = job;
  const folder = await saved(model);
  const platform: Platform = {
    kernels: () => Promise.resolve(new Uint8Array(binaryOf(setting.build))),
    threads: nodeThreads,
    resolve: (path) => pathToFileURL(path),
    read: async (address) => new Uint8Array(await readFile(fileURLToPath(address))).buffer,
  };
  const options = { batchSize: batch, threads: setting.threads };
  const exact = await load(platform, folder, options);
  const bytes = await load(platform, folder, { ...options, precision: 'int8' });
  const cases = Array.from({ length: batch }, (_, index) => normal(`case ${index}`, model.length * model.channels));
  const weights = readFileSync(join(folder, 'weights.bin')).length;
  return {
    facts: { products: bytes.info.products, roof, beside: exact.info.bytes - weights },
    calls: { float32: () => void exact.predict(cases), int8: () => void bytes.predict(cases) },
    dispose() {
      exact.dispose();
      bytes.dispose();
    },
  };
}
