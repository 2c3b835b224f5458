// Runtimes that compile no bytes, and take WebAssembly as modules: Cloudflare's workerd, and what bundles for it and for
// Vercel's edge.

import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import factory from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js';
import tfjs from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?module';
import relaxed from '../generated/kernels.relaxed.wasm?module';
import simd from '../generated/kernels.simd.wasm?module';
import { hasRelaxedSimd } from '../simd.js';
import { noThreads } from '../thread.js';
import type { Platform, TfjsFactory } from './platform.js';

const modules = { relaxed, simd };
const whyNot = 'an edge runtime has none';

/** tfjs's glue code takes what has a `process` for Node, and asks for files: while it starts, there is none. */
const withoutProcess: TfjsFactory = (config) => {
  const { process } = globalThis;
  globalThis.process = undefined as never;
  try {
    return (factory as unknown as TfjsFactory)(config);
  } finally {
    globalThis.process = process;
  }
};

export const platform: Platform = {
  ...noThreads,
  availableThreads: () => 1,
  enableRelaxedSimd: hasRelaxedSimd,
  whyNotWide: () => whyNot,
  kernels(instructions) {
    if (instructions === 'wide') throw new Error(whyNot);
    return Promise.resolve(modules[instructions]);
  },
  tfjsFactory: () => withoutProcess,
  tfjsModule: () => Promise.resolve(tfjs),
};
