// Node, Deno and Bun.

import '@tensorflow/tfjs-layers'; // registers tfjs's gradients: tfjs-core has no module of them that Node could load
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { inlineKernels } from '../inlineKernels.js';
import { enableRelaxedSimd } from '../relaxedSimd.js';
import { fileBeside } from './fileBeside.js';
import { nodeRequire } from './nodeRequire.js';
import { nodeThreads } from './nodeThreads.js';
import { type Platform, type TfjsFactory, tfjsFile } from './platform.js';

/** Not written where it is used: a bundler would read more into it. */
const here = import.meta.url;
const tfjsFolder = '@tensorflow/tfjs-backend-wasm/wasm-out';

const events = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Emscripten's glue code puts handlers on the process, which print all of its source, or swallow what is the program's own:
 * none of them stays.
 */
function withoutHandlers<T>(start: () => T): T {
  const before = events.map((event) => process.rawListeners(event));
  try {
    return start();
  } finally {
    events.forEach((event, i) => {
      const added = process.rawListeners(event).filter((listener) => !before[i].includes(listener));
      for (const listener of added) process.removeListener(event, listener as (...args: unknown[]) => void);
    });
  }
}

/** tfjs's glue code, which is to leave no traces on the process. */
export function startFactory(factory: TfjsFactory): TfjsFactory {
  return async (config) => {
    const { Worker: globalWorker } = globalThis;
    const starting = withoutHandlers(() => factory(config));
    // It makes Node's Worker a global one.
    if (globalWorker) globalThis.Worker = globalWorker;
    else delete (globalThis as { Worker?: unknown }).Worker;
    return starting;
  };
}

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
  kernels: async (instructions) =>
    (await fileBeside(() => new URL(`../generated/kernels.${instructions}.wasm`, here))) ?? inlineKernels(instructions),
  tfjsFactory(shared) {
    // The one for a single thread serves modules with SIMD and without.
    return startFactory(
      nodeRequire(`${tfjsFolder}/${shared ? tfjsFile(true) : 'tfjs-backend-wasm'}.js`) as TfjsFactory,
    );
  },
  tfjsModule: (shared) =>
    fileBeside(() => pathToFileURL(nodeRequire.resolve(`${tfjsFolder}/${tfjsFile(shared)}.wasm`))),
};
