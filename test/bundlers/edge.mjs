// Predicts in an edge runtime, and prints the probabilities: node edge.mjs RUNTIME PROJECT KERNELS. The project holds
// case.json and a model in vowels/; KERNELS is the folder of the package's WebAssembly files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const [runtime, project, kernels] = process.argv.slice(2);
const read = (...names) => readFileSync(join(...names));
const model = JSON.parse(read(project, 'vowels/model.json').toString());
const [{ paths }] = model.weightsManifest;
const weights = read(project, 'vowels', paths[0]).toString('base64');
const parts = JSON.stringify({ model, weights, value: JSON.parse(read(project, 'case.json').toString()) });

/** The worker's code in one text. */
async function bundled(contents, options) {
  const stdin = { contents, resolveDir: project };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, logLevel: 'error', ...options });
  return outputFiles[0].text;
}

const answer = `
  import { loadPredictor } from 'primal-attention/predict';
  export async function answer(options) {
    const { model, weights, value } = ${parts};
    const bytes = Uint8Array.from(atob(weights), (character) => character.charCodeAt(0));
    const predictor = await loadPredictor({ model, weights: bytes.buffer }, options);
    return [...predictor.predict([value])[0].probabilities];
  }`;

const runtimes = {
  // The kernels are module imports, as wrangler makes them.
  async workerd(flags = []) {
    const { Miniflare } = await import('miniflare');
    const code = await bundled(
      `${answer}
      export default { async fetch() { return Response.json(await answer()); } };`,
      {
        ...{ format: 'esm', conditions: ['workerd'], external: ['*.wasm?module'] },
      },
    );
    const wasm = ['relaxed', 'simd'].map((name) => ({
      ...{ type: 'CompiledWasm', path: join(project, `kernels.${name}.wasm?module`) },
      contents: read(kernels, `kernels.${name}.wasm`),
    }));
    const modules = [{ type: 'ESModule', path: join(project, 'worker.mjs'), contents: code }, ...wasm];
    const miniflare = new Miniflare({
      modulesRoot: project,
      modules,
      compatibilityDate: '2025-01-01',
      compatibilityFlags: flags,
    });
    const response = await miniflare.dispatchFetch('http://localhost/');
    const result = await response.text();
    await miniflare.dispose();
    return result;
  },
  'workerd with nodejs_compat': () => runtimes.workerd(['nodejs_compat']),
  // One script, and the kernels given by hand.
  async 'edge-runtime'() {
    const { EdgeRuntime } = await import('edge-runtime');
    const code = await bundled(
      `${answer}
      addEventListener('fetch', (event) => event.respondWith(answer({ module: kernels }).then((found) => Response.json(found))));`,
      {
        ...{ format: 'iife', conditions: ['browser'], define: { 'import.meta.url': '"http://127.0.0.1:1/"' } },
      },
    );
    const module = new WebAssembly.Module(read(kernels, 'kernels.simd.wasm'));
    const edge = new EdgeRuntime({
      initialCode: code,
      extend: (context) => Object.assign(context, { kernels: module }),
    });
    const response = await edge.dispatchFetch('http://localhost/');
    return response.text();
  },
};

console.log(await runtimes[runtime]());
process.exit();
