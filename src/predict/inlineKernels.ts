import type { PredictBuild } from './load.js';

/** The kernels out of the JavaScript itself, where their file is not beside it. */
export async function inlineKernels(build: PredictBuild): Promise<WebAssembly.Module> {
  const { ends, text } = await import('./generated/kernels.js');
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const all = await new Response(stream).arrayBuffer();
  const [first, second] = [ends.simd, ends.relaxed];
  return WebAssembly.compile(build === 'simd' ? all.slice(0, first) : all.slice(first, second));
}
