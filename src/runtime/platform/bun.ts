// Bun. A program that it compiles into one file (`bun build --compile`) holds what is imported, and nothing else.

import { readFile } from 'node:fs/promises';
import plain from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js';
import threaded from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js';
import plainFile from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm' with { type: 'file' };
import threadedFile from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.wasm' with { type: 'file' };
import { platform as node, startFactory } from './node.js';
import type { Platform, TfjsFactory } from './platform.js';

export const platform: Platform = {
  ...node,
  tfjsFactory: (shared) => startFactory((shared ? threaded : plain) as unknown as TfjsFactory),
  tfjsModule: async (shared) => new Uint8Array(await readFile(shared ? threadedFile : plainFile)),
};
