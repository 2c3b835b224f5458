// primal-attention/predict for runtimes that compile no bytes, and take WebAssembly as modules: Cloudflare's workerd, and
// what bundles for it and for Vercel's edge.

import relaxed from './kernels.relaxed.wasm?module';
import simd from './kernels.simd.wasm?module';
import { fetchFile } from './fetchFile.js';
import { noThreads } from '../runtime/thread.js';
import { load, type Platform } from './load.js';
import type { Predictor } from './predictor.js';
import type { PredictionTask, PredictorOptions, PredictorSource } from './types.js';

const modules = { relaxed, simd };

const edge: Platform = {
  kernels: (build) => Promise.resolve(modules[build]),
  threads: noThreads,
  resolve: (source) => new URL(source),
  read: fetchFile,
};

/** See index.ts. */
export async function loadPredictor<Task extends PredictionTask = 'classification'>(
  source: PredictorSource,
  options: PredictorOptions = {},
): Promise<Predictor<Task>> {
  return load<Task>(edge, source, options);
}
