// Node, Deno and Bun.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { inlineKernels } from '../inlineKernels.js';
import { enableRelaxedSimd } from '../relaxedSimd.js';
import { nodeThreads } from './nodeThread.js';
import { type Platform, type TfjsFactory, tfjsFile } from './platform.js';

/** Not written where it is used: a bundler would read more into it. */
const here = import.meta.url;

export const platform: Platform = {
  ...nodeThreads,
  availableThreads: availableParallelism,
  enableRelaxedSimd,
  whyNotWide() {
    if ('Bun' in globalThis || 'Deno' in globalThis) return 'only Node can be asked for it';
    const node = Number.parseInt(process.versions.node);
    if (node < 24) return `it needs Node 24 or later, and this is ${process.version}`;
    if (process.arch !== 'x64') return `it needs an x64 processor, and this one is ${process.arch}`;
    return undefined;
  },
  async kernels(instructions) {
    // A bundle has them in the code.
    const bytes = await readFile(new URL(`../generated/kernels.${instructions}.wasm`, here)).catch(() => undefined);
    return bytes ? new Uint8Array(bytes) : inlineKernels(instructions);
  },
  async tfjs(shared) {
    const require = createRequire(here);
    const folder = '@tensorflow/tfjs-backend-wasm/wasm-out';
    const { Worker: globalWorker } = globalThis;
    // Its glue code for both kinds of modules with SIMD; the one for threads makes Node's Worker a global one.
    const glue = shared ? tfjsFile(true) : 'tfjs-backend-wasm';
    const factory = require(`${folder}/${glue}.js`) as TfjsFactory;
    return {
      async factory(config) {
        const starting = factory(config);
        if (globalWorker) globalThis.Worker = globalWorker;
        else delete (globalThis as { Worker?: unknown }).Worker;
        return starting;
      },
      module: new Uint8Array(await readFile(require.resolve(`${folder}/${tfjsFile(shared)}.wasm`))),
    };
  },
};
