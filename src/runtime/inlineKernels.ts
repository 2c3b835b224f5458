import type { Instructions } from './builds.js';
import { jsdomHint } from './jsdomHint.js';
import { unpackBinary } from './unpackBinary.js';

/**
 * The kernels out of the JavaScript itself, where their file is not beside it, as behind a bundler that knows no such files.
 *
 * @throws Error where they are not among those that the code holds, or the runtime cannot unpack them
 */
export async function inlineKernels(instructions: Instructions): Promise<Uint8Array<ArrayBuffer>> {
  const file = `kernels.${instructions}.wasm`;
  if (instructions === 'wide') throw new Error(`${file} is not beside the code`);
  if (typeof DecompressionStream === 'undefined') {
    throw new Error(
      `init: ${file} is not beside the code, and this runtime has no DecompressionStream to unpack the kernels in it; ` +
        `options.modules.kernels must be primal-attention/kernels/${instructions}.wasm, compiled${jsdomHint()}`,
    );
  }
  return unpackBinary(await import('./generated/kernels.js'), instructions);
}
