// Runs a worker in an edge runtime, and prints what it answers: node edge.mjs RUNTIME PROJECT ENTRY. ENTRY exports
// answer(options), and lies in the project.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [runtime, project, entry] = process.argv.slice(2);
const name = basename(entry, '.js');

/** Has wrangler make a worker, with nothing configured but what `args` say, and workerd answer a request to it. */
async function askWorker(project, args, flags, request) {
  const { Miniflare } = await import('miniflare');
  const folder = join(project, `out-${args.join('')}`.replaceAll('/', ''));
  const wrangler = fileURLToPath(new URL('node_modules/.bin/wrangler', import.meta.url));
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false' };
  execFileSync(wrangler, ['deploy', ...args, '--dry-run', `--outdir=${folder}`], { cwd: project, stdio: 'pipe', env });
  const typeOf = (file) => (file.endsWith('.js') ? 'ESModule' : file.includes('.wasm') ? 'CompiledWasm' : 'Data');
  const modules = readdirSync(folder)
    .filter((file) => !/\.map$|\.md$/.test(file))
    .map((file) => ({ type: typeOf(file), path: join(folder, file), contents: readFileSync(join(folder, file)) }))
    // The entry comes first.
    .sort((one) => (one.type === 'ESModule' ? -1 : 1));
  const miniflare = new Miniflare({
    ...{ modulesRoot: folder, modules, compatibilityDate: '2025-09-01', compatibilityFlags: flags },
  });
  const response = await miniflare.dispatchFetch('http://localhost/', request);
  const result = await response.text();
  await miniflare.dispose();
  return result;
}

const runtimes = {
  async workerd(flags = []) {
    const worker = `${name}-worker.js`;
    writeFileSync(
      join(project, worker),
      `import { answer } from './${entry}';
      export default { async fetch() { return Response.json(await answer()); } };`,
    );
    const compatibility = ['--compatibility-date=2025-09-01', ...flags.map((flag) => `--compatibility-flag=${flag}`)];
    return askWorker(project, [worker, `--name=${name}`, ...compatibility], flags);
  },
  'workerd with nodejs_compat': () => runtimes.workerd(['nodejs_compat']),
  // One script, and all modules given by hand.
  async 'edge-runtime'() {
    const { EdgeRuntime } = await import('edge-runtime');
    const { build } = await import('esbuild');
    const { resolve } = createRequire(join(project, entry));
    const compiled = (path) => new WebAssembly.Module(readFileSync(resolve(path)));
    const contents = `
      import { answer } from './${entry}';
      addEventListener('fetch', (event) => event.respondWith(answer(given).then((found) => Response.json(found))));`;
    const { outputFiles } = await build({
      ...{ stdin: { contents, resolveDir: project }, bundle: true, write: false, logLevel: 'error', format: 'iife' },
      ...{ conditions: ['browser'], define: { 'import.meta.url': '"http://127.0.0.1:1/"' } },
    });
    const given = {
      module: compiled('primal-attention/predict/simd.wasm'),
      modules: {
        kernels: compiled('primal-attention/kernels/simd.wasm'),
        tfjs: compiled('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm'),
      },
    };
    const extend = (context) => Object.assign(context, { given });
    const edge = new EdgeRuntime({ initialCode: outputFiles[0].text, extend });
    const response = await edge.dispatchFetch('http://localhost/');
    return response.text();
  },
  // The example, as it stands, in a folder of the project.
  async example() {
    const folder = join(project, 'worker');
    cpSync(new URL('../../examples/worker/', import.meta.url), folder, { recursive: true });
    for (const file of ['model.json', 'weights.bin']) cpSync(join(project, 'vowels', file), join(folder, file));
    const body = readFileSync(join(project, 'case.json'));
    const { probabilities } = JSON.parse(await askWorker(folder, [], [], { method: 'POST', body }));
    return JSON.stringify(probabilities);
  },
};

console.log(await runtimes[runtime]());
process.exit();
