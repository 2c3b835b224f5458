// The modules of bench/assembly, as scripts/bench.mjs writes them.

import { readFileSync } from 'node:fs';
import { compileWide } from '../../src/runtime/wide.js';

/** Compiles a module with what the kernels of a build are compiled with. */
export function compileFor(build: string, name: 'roofline' | 'softmax' | 'tiles'): Promise<WebAssembly.Module> {
  const binary = readFileSync(new URL(`../../../${name}-${build}.wasm`, import.meta.url));
  return build === 'wide' ? compileWide(binary) : WebAssembly.compile(binary);
}
