// Runs a worker in an edge runtime, and prints what it answers: node edge.mjs RUNTIME PROJECT ENTRY. ENTRY exports
// answer(options), and lies in the project.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [runtime, project, entry] = process.argv.slice(2);
const name = basename(entry, '.js');

const runtimes = {
  // As wrangler makes it, with nothing configured.
  async workerd(flags = []) {
    const { Miniflare } = await import('miniflare');
    const folder = join(project, `workerd-${name}-${flags.join('-')}`);
    const worker = `${name}-worker.js`;
    writeFileSync(
      join(project, worker),
      `import { answer } from './${entry}';
      export default { async fetch() { return Response.json(await answer()); } };`,
    );
    const compatibility = ['--compatibility-date=2025-09-01', ...flags.map((flag) => `--compatibility-flag=${flag}`)];
    const args = ['deploy', worker, `--name=${name}`, '--dry-run', `--outdir=${folder}`, ...compatibility];
    const wrangler = fileURLToPath(new URL('node_modules/.bin/wrangler', import.meta.url));
    execFileSync(wrangler, args, {
      cwd: project,
      stdio: 'pipe',
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
    });
    const modules = readdirSync(folder)
      .filter((file) => /\.js$|\.wasm/.test(file))
      .map((file) => ({
        ...{ type: file.endsWith('.js') ? 'ESModule' : 'CompiledWasm', path: join(folder, file) },
        contents: readFileSync(join(folder, file)),
      }))
      // The entry comes first.
      .sort((one) => (one.type === 'ESModule' ? -1 : 1));
    const miniflare = new Miniflare({
      ...{ modulesRoot: folder, modules, compatibilityDate: '2025-09-01', compatibilityFlags: flags },
    });
    const response = await miniflare.dispatchFetch('http://localhost/');
    const result = await response.text();
    await miniflare.dispose();
    return result;
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
};

console.log(await runtimes[runtime]());
process.exit();
