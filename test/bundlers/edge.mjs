// Has an edge runtime answer a request, and prints what it says: node edge.mjs RUNTIME FOLDER. The folder is one of a
// project's, with a program: answer.js.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { execFileSync } from 'node:child_process';

const [runtime, folder] = process.argv.slice(2);
const project = resolve(folder, '..');
const require = createRequire(`${project}/`);
const load = async (tool) => import(require.resolve(tool));

/** The largest number of bytes that this process's children had in memory. */
const largestChild = () =>
  Math.max(
    ...readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .map((pid) => 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)),
  );

/** Has wrangler make a worker, with nothing configured but what `args` say, and workerd answer a request to it. */
async function askWorker(args, flags, request) {
  const { Miniflare } = await load('miniflare');
  const output = join(folder, `out${flags.join('')}`);
  const wrangler = join(project, 'node_modules/.bin/wrangler');
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false' };
  execFileSync(wrangler, ['deploy', ...args, '--dry-run', `--outdir=${output}`], { cwd: folder, stdio: 'pipe', env });
  const typeOf = (file) => (file.endsWith('.js') ? 'ESModule' : file.includes('.wasm') ? 'CompiledWasm' : 'Data');
  const modules = readdirSync(output)
    .filter((file) => !/\.map$|\.md$/.test(file))
    .map((file) => ({ type: typeOf(file), path: join(output, file), contents: readFileSync(join(output, file)) }))
    // The entry comes first.
    .sort((one) => (one.type === 'ESModule' ? -1 : 1));
  const options = { compatibilityDate: '2025-09-01', compatibilityFlags: flags };
  const empty = 'export default { fetch: () => new Response() };';
  const start = performance.now();
  const miniflare = new Miniflare({ modulesRoot: output, modules, ...options });
  const response = await miniflare.dispatchFetch('http://localhost/', request);
  const answered = await response.json();
  const firstResult = performance.now() - start;
  const processBytes = largestChild();
  await miniflare.dispose();
  // What workerd has without the package.
  const other = new Miniflare({ modules: true, script: empty, ...options });
  await (await other.dispatchFetch('http://localhost/')).text();
  const emptyBytes = largestChild();
  await other.dispose();
  return { ...answered, firstResult, processBytes: processBytes - emptyBytes };
}

const runtimes = {
  workerd: (flags = []) => {
    const compatibility = ['--compatibility-date=2025-09-01', ...flags.map((flag) => `--compatibility-flag=${flag}`)];
    return askWorker(['edge.js', `--name=${basename(folder)}`, ...compatibility], flags);
  },
  'workerd with nodejs_compat': () => runtimes.workerd(['nodejs_compat']),
  // A folder that has its own configuration: it is sent a case.
  worker: () => askWorker([], [], { method: 'POST', body: readFileSync(join(project, 'case.json')) }),
  // One script, and all modules given by hand.
  async 'edge-runtime'() {
    const { EdgeRuntime } = await load('edge-runtime');
    const { build } = await load('esbuild');
    const compiled = (path) => new WebAssembly.Module(readFileSync(require.resolve(path)));
    const contents = `
      import { answer } from './answer.js';
      addEventListener('fetch', (event) => event.respondWith(answer(given).then((found) => Response.json(found))));`;
    const { outputFiles } = await build({
      ...{ stdin: { contents, resolveDir: folder }, bundle: true, write: false, logLevel: 'error', format: 'iife' },
      ...{ conditions: ['browser'], define: { 'import.meta.url': '"http://127.0.0.1:1/"' } },
    });
    const modules = {
      kernels: compiled('primal-attention/kernels/simd.wasm'),
      tfjs: compiled('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm'),
    };
    const predict = { module: compiled('primal-attention/predict/simd.wasm') };
    const given = basename(folder) === 'main' ? { modules } : predict;
    const edge = new EdgeRuntime({
      initialCode: outputFiles[0].text,
      extend: (context) => Object.assign(context, { given }),
    });
    const response = await edge.dispatchFetch('http://localhost/');
    return response.json();
  },
};

console.log(JSON.stringify(await runtimes[runtime]()));
process.exit();
