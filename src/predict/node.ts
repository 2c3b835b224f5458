// primal-attention/predict for Node, Deno and Bun, which read files.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fileBeside } from '../runtime/platform/fileBeside.js';
import { nodeThreads } from '../runtime/platform/nodeThreads.js';
import { enableRelaxedSimd } from '../runtime/relaxedSimd.js';
import { fetchFile, unreadable } from './fetchFile.js';
import { inlineKernels } from './inlineKernels.js';
import { load, type Platform } from './load.js';
import type { Predictor } from './predictor.js';
import type { PredictionTask, PredictorOptions, PredictorSource } from './types.js';

const files: Platform = {
  kernels: async (build) =>
    (await fileBeside(() => new URL(`./kernels.${build}.wasm`, import.meta.url))) ?? inlineKernels(build),
  threads: nodeThreads,
  // Schemes have two letters or more; one is a drive.
  resolve: (source) => (/^[a-z][a-z+.-]+:/i.test(source) ? new URL(source) : pathToFileURL(resolve(source))),
  async read(address) {
    if (address.protocol !== 'file:') return fetchFile(address);
    const { buffer, byteOffset, byteLength } = await readFile(fileURLToPath(address)).catch((error: unknown) => {
      throw unreadable(address, error);
    });
    return buffer.slice(byteOffset, byteOffset + byteLength);
  },
  enableRelaxedSimd,
};

/** See index.ts. */
export async function loadPredictor<Task extends PredictionTask = 'classification'>(
  source: PredictorSource,
  options: PredictorOptions = {},
): Promise<Predictor<Task>> {
  return load<Task>(files, source, options);
}
