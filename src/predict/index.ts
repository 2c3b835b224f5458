// primal-attention/predict for pages, workers and whatever else fetches files by address.

import { fetchFile } from './fetchFile.js';
import { inlineKernels } from './inlineKernels.js';
import { load, type Platform, type PredictBuild } from './load.js';
import { fetchModule } from '../runtime/platform/fetchModule.js';
import { webThreads } from '../runtime/platform/webThread.js';
import type { Predictor } from './predictor.js';
import type { PredictionTask, PredictorOptions, PredictorSource } from './types.js';

export type { Predictor } from './predictor.js';
export type {
  Case,
  CaseKind,
  Precision,
  Prediction,
  Predictions,
  PredictionTask,
  PredictorInfo,
  PredictorOptions,
  PredictorSource,
} from './types.js';

/** Written out, each: bundlers that know this form put the files beside the bundle. */
const files: Record<PredictBuild, () => URL> = {
  simd: () => new URL('./kernels.simd.wasm', import.meta.url),
  relaxed: () => new URL('./kernels.relaxed.wasm', import.meta.url),
};

const web: Platform = {
  kernels: async (build) => (await fetchModule(files[build])) ?? inlineKernels(build),
  threads: webThreads,
  resolve: (source) => new URL(source, globalThis.location?.href),
  read: fetchFile,
};

/**
 * Makes a saved model ready to predict, without TensorFlow.js: fixed addresses, weights packed, nothing allocated while
 * predicting but the results.
 *
 * @param source the folder of a saved model or the address of its model.json, or `{ model, weights }`: model.json parsed, and
 *   the bytes of its weights
 * @param options see PredictorOptions
 * @throws Error that names the layer, the option or the file that is wrong
 */
export async function loadPredictor<Task extends PredictionTask = 'classification'>(
  source: PredictorSource,
  options: PredictorOptions = {},
): Promise<Predictor<Task>> {
  return load<Task>(web, source, options);
}
