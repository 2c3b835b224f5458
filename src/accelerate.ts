/**
 * `import 'primal-attention/accelerate'` makes a program that uses tfjs compute with this package: the wasm backend is up,
 * with all kernels and gradients, when the import is done. It throws what `init` throws.
 *
 * Import it after `@tensorflow/tfjs`, or set no backend: the last one set computes.
 *
 * @module
 */

import { init } from './ops/init.js';

export { info, init } from './ops/init.js';
export type { Info, InitOptions } from './ops/init.js';

await init();
