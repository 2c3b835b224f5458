import type { PredictBuild } from './load.js';

/**
 * The kernels out of the JavaScript itself, where their file is not beside it.
 *
 * @throws Error where the runtime cannot unpack them
 */
export async function inlineKernels(build: PredictBuild): Promise<WebAssembly.Module> {
  if (typeof DecompressionStream === 'undefined') {
    throw new Error(
      'loadPredictor: the kernels are not beside the code, and this runtime has no DecompressionStream to unpack those in ' +
        `it; options.module must be primal-attention/predict/${build}.wasm, compiled`,
    );
  }
  const { piece, sizes, text } = await import('./generated/kernels.js');
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const all = new Uint8Array(await new Response(stream).arrayBuffer());
  const binary = new Uint8Array(sizes[build]);
  // Pieces of all builds in turn; those of a build that has ended are missing.
  for (let from = 0, done = 0; done < binary.length; done += piece) {
    for (const [name, size] of Object.entries(sizes)) {
      const length = Math.max(0, Math.min(piece, size - done));
      if (name === build) binary.set(all.subarray(from, from + length), done);
      from += length;
    }
  }
  return WebAssembly.compile(binary);
}
