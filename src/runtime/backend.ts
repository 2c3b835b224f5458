// Bringing up tfjs's wasm backend, on a heap of its own or on one that threads share. It relies on how tfjs-core and
// tfjs-backend-wasm 4.22.0 are built.

import * as tf from '@tensorflow/tfjs-core';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import { BackendWasm, setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { platform } from '#platform';
import { isOf } from '../checks/isOf.js';
import { Heap } from './heap.js';
import { tfjsFile } from './platform/platform.js';
import { providePlatform } from './tfjsPlatform.js';

const BACKEND = 'wasm';
const tfjsFactory = tf.findBackendFactory(BACKEND);

/** tfjs's module as the user gave it, compiled. */
let givenModule: WebAssembly.Module | undefined;

/** Why the latest start failed, of which tfjs itself tells the console only. */
let failure: Error | undefined;

/** Its pool of workers. */
interface WorkerPool {
  unusedWorkers: unknown[];
  allocateUnusedWorker(): void;
}

/** Stands in for the eight workers that Emscripten starts: XNNPACK has one thread, so they never get anything to do. */
class IdleWorker {
  onmessage?: (event: { data: object }) => void;
  postMessage({ cmd }: { cmd: string }): void {
    if (cmd === 'load') this.onmessage?.({ data: { cmd: 'loaded' } });
  }
  on(): void {}
  unref(): void {}
  terminate(): void {}
}

/**
 * Starts a backend with idle workers. The glue code puts its pool into its configuration before it fills it, and that
 * inherits from `ancestor`.
 */
async function withIdleWorkers(
  ancestor: { PThread?: WorkerPool },
  start: () => KernelBackend | Promise<KernelBackend>,
): Promise<KernelBackend> {
  Object.defineProperty(ancestor, 'PThread', {
    configurable: true,
    set(this: object, pool: WorkerPool) {
      delete ancestor.PThread;
      Object.assign(this, { PThread: pool });
      pool.allocateUnusedWorker = () => pool.unusedWorkers.push(new IdleWorker());
    },
  });
  try {
    return await start();
  } finally {
    delete ancestor.PThread;
  }
}

/**
 * tfjs's own factory starts the build that fits the page, from where `setWasmPaths` says, but makes the configuration itself.
 * Emscripten's workers would not start there once a bundler has renamed what their code refers to.
 */
async function startByTfjs(file: string): Promise<KernelBackend> {
  // tfjs waits for these, so that from here to the pool no other code has a turn.
  await Promise.all(['SIMD', 'MULTITHREAD'].map((name) => tf.env().getAsync(`WASM_HAS_${name}_SUPPORT`)));
  try {
    return await withIdleWorkers(Object.prototype, tfjsFactory);
  } catch (error) {
    throw new Error(
      `init: tfjs's file ${file} is neither beside the code nor where setWasmPaths says. Serve, or in Node keep, the folder ` +
        'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out and call, before init: ' +
        "setWasmPaths('/the/address/of/that/folder/') of '@tensorflow/tfjs-backend-wasm'",
      { cause: error },
    );
  }
}

/** Starts tfjs's backend by its glue code, on a module that is already here. */
async function startBackend(shared: boolean): Promise<KernelBackend> {
  const source = (shared ? undefined : givenModule) ?? (await platform.tfjsModule(shared));
  if (!source) return startByTfjs(`${tfjsFile(shared)}.wasm`);
  const compiled = isOf('WebAssembly.Module', source)
    ? source
    : await WebAssembly.compile(source as Uint8Array<ArrayBuffer>);
  const factory = platform.tfjsFactory(shared);
  const ancestor = {};
  return withIdleWorkers(ancestor, async () => {
    const config = Object.create(ancestor) as Record<string, unknown>;
    const failing = new Promise<never>((_, reject) => {
      config.instantiateWasm = (
        imports: WebAssembly.Imports,
        done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
      ) => {
        WebAssembly.instantiate(compiled, imports).then((instance) => done(instance, compiled), reject);
        return {};
      };
    });
    const module = await Promise.race([factory(config), failing]);
    module.tfjs = {
      init: module.cwrap('init', null, []),
      initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
      getThreadsCount: module.cwrap('get_threads_count', 'number', []),
      registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
      disposeData: module.cwrap('dispose_data', null, ['number']),
      dispose: module.cwrap('dispose', null, []),
    };
    return new BackendWasm(module as unknown as ConstructorParameters<typeof BackendWasm>[0]);
  });
}

async function tryStart(shared: boolean): Promise<KernelBackend> {
  try {
    failure = undefined;
    return await startBackend(shared);
  } catch (error) {
    failure = error as Error;
    throw error;
  }
}

const startOwn = () => tryStart(false);
const startShared = () => tryStart(true);

/** tfjs's tensors have their methods from a module that only its side effects need: a bundler may have left it out. */
function checkSideEffects(): void {
  try {
    tf.tidy(() => void tf.scalar(0).clone());
  } catch (cause) {
    throw new Error(
      'init: @tensorflow/tfjs-core is here without what its modules do when they are loaded, which the bundler has left out; ' +
        "Bun keeps it with --ignore-dce-annotations, other tools by tfjs's sideEffects in package.json",
      { cause },
    );
  }
}

/** The heap of the backend that tfjs has under the name, active or not, if there is one. */
export function liveHeap(): Heap | undefined {
  const backend = tf.engine().registry[BACKEND];
  return backend instanceof BackendWasm ? Heap.of(backend) : undefined;
}

/**
 * Makes `wasm` tfjs's active backend, on a shared heap if `shared` says so; registers it anew if it had been removed.
 * A shared heap serves one thread too, so it stays; a heap that is not shared gives way to one that is, and its tensors
 * move over when they are next used.
 *
 * @param module tfjs's single-threaded module with SIMD, compiled, where the runtime cannot get at it
 */
export async function activateBackend(shared: boolean, module?: WebAssembly.Module): Promise<Heap> {
  givenModule = module ?? givenModule;
  providePlatform();
  // XNNPACK on one thread: the others are ours.
  setThreadsCount(1);
  const present = tf.engine().registry[BACKEND] as KernelBackend | undefined;
  if (present && !(present instanceof BackendWasm)) {
    throw new Error(
      "init: tfjs's 'wasm' backend is that of another copy of @tensorflow/tfjs-backend-wasm than primal-attention has; " +
        'they must be one: npm ls @tensorflow/tfjs-backend-wasm shows both, and where a bundler has made them of one, as ' +
        'Next.js does for pages and routes of one server, its serverExternalPackages must name primal-attention and the ' +
        'packages of @tensorflow',
    );
  }
  const live = liveHeap();
  if (live && shared && !live.shared) {
    // Its tensors are read from it later.
    live.backend.dispose = () => undefined;
    tf.removeBackend(BACKEND);
  }
  const isNew = !liveHeap();
  if (isNew) {
    const factory = shared ? startShared : startOwn;
    const present = tf.findBackendFactory(BACKEND);
    const ours = [startShared, startOwn, tfjsFactory].includes(present);
    if (ours && present !== factory) tf.removeBackend(BACKEND);
    if (!tf.findBackendFactory(BACKEND)) tf.registerBackend(BACKEND, factory, 2);
  }
  if (!(await tf.setBackend(BACKEND))) throw failure ?? new Error("tfjs's 'wasm' backend did not start");
  await tf.ready();
  checkSideEffects();
  const heap = Heap.of();
  if (isNew) heap.start();
  return heap;
}
