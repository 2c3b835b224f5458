import { jsdomHint } from '../runtime/jsdomHint.js';
import { unpackBinary } from '../runtime/unpackBinary.js';
import type { PredictBuild } from './load.js';

/**
 * The kernels out of the JavaScript itself, where their file is not beside it.
 *
 * @throws Error where the runtime cannot unpack them
 */
export async function inlineKernels(build: PredictBuild): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof DecompressionStream === 'undefined') {
    throw new Error(
      'loadPredictor: the kernels are not beside the code, and this runtime has no DecompressionStream to unpack those in ' +
        `it; options.module must be primal-attention/predict/${build}.wasm, compiled${jsdomHint()}`,
    );
  }
  return unpackBinary(await import('./generated/kernels.js'), build);
}
