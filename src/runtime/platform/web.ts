// Browsers, and whatever else fetches files by their address.

import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import plain from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js';
import threaded from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js';
import { inlineKernels } from '../inlineKernels.js';
import { hasRelaxedSimd } from '../simd.js';
import { fetchModule } from './fetchModule.js';
import type { Platform, TfjsFactory } from './platform.js';
import { webThreads } from './webThread.js';

// Written out, each: bundlers that know this form put the files beside the bundle.
const files = {
  simd: () => new URL('../generated/kernels.simd.wasm', import.meta.url),
  relaxed: () => new URL('../generated/kernels.relaxed.wasm', import.meta.url),
  plain: () => new URL('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm', import.meta.url),
  threaded: () =>
    new URL('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.wasm', import.meta.url),
};

export const platform: Platform = {
  ...webThreads,
  availableThreads: () => globalThis.navigator?.hardwareConcurrency || 1,
  enableRelaxedSimd: hasRelaxedSimd,
  whyNotWide: () => 'only Node can be asked for it',
  async kernels(instructions) {
    const found = instructions === 'wide' ? undefined : await fetchModule(files[instructions]);
    return found ?? inlineKernels(instructions);
  },
  tfjsFactory: (shared) => (shared ? threaded : plain) as unknown as TfjsFactory,
  tfjsModule: (shared) => fetchModule(shared ? files.threaded : files.plain),
};
