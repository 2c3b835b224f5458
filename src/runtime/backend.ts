// Bringing up tfjs's wasm backend, on a heap of its own or on one that threads share. It relies on how tfjs-core and
// tfjs-backend-wasm 4.22.0 are built.

import * as tf from '@tensorflow/tfjs-core';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import { BackendWasm, setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { isNode } from './features.js';
import { Heap } from './heap.js';
import { nodeModule } from '../nodeModule.js';

const BACKEND = 'wasm';
const tfjsFactory = tf.findBackendFactory(BACKEND);

/** Emscripten's module of the threaded build, as tfjs's glue code makes it. */
interface ThreadedModule {
  tfjs: object;
  cwrap(name: string, result: string | null, parameters: string[]): unknown;
}

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

/** tfjs's threaded build, unpatched, in Node, where tfjs itself does not start it. */
async function startInNode(config: object): Promise<BackendWasm> {
  const { createRequire } = await nodeModule('node:module');
  const require = createRequire(import.meta.url);
  const load = require('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js') as (
    config: object,
  ) => Promise<ThreadedModule>;
  const { Worker: globalWorker } = globalThis;
  const loading = load(config);
  // It makes Node's Worker a global one.
  if (globalWorker) globalThis.Worker = globalWorker;
  else delete (globalThis as { Worker?: unknown }).Worker;
  const module = await loading;
  module.tfjs = {
    init: module.cwrap('init', null, []),
    initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: module.cwrap('get_threads_count', 'number', []),
    registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: module.cwrap('dispose_data', null, ['number']),
    dispose: module.cwrap('dispose', null, []),
  };
  return new BackendWasm(module as unknown as ConstructorParameters<typeof BackendWasm>[0]);
}

/**
 * In a browser tfjs's own factory starts the build that fits the page, from where `setWasmPaths` says, but makes the
 * configuration itself. Emscripten's workers would not start there once a bundler has renamed what their code refers to.
 */
async function startInBrowser(): Promise<KernelBackend> {
  // tfjs waits for these, so that from here to the pool no other code has a turn.
  await Promise.all(['SIMD', 'MULTITHREAD'].map((name) => tf.env().getAsync(`WASM_HAS_${name}_SUPPORT`)));
  return withIdleWorkers(Object.prototype, tfjsFactory);
}

function createBackend(): Promise<KernelBackend> {
  if (!isNode) return startInBrowser();
  const ancestor = {};
  return withIdleWorkers(ancestor, () => startInNode(Object.create(ancestor) as object));
}

/** Why kernels cannot have threads here; undefined where they can. */
export function whyNoThreads(): string | undefined {
  if (isNode) return undefined;
  if (
    typeof SharedArrayBuffer === 'undefined' ||
    !(globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated
  ) {
    return 'the page is not cross-origin isolated (its server must send COOP and COEP headers)';
  }
  if (!('locks' in navigator)) return 'the browser has no Web Locks, by which a thread that died is noticed';
  return undefined;
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
 */
export async function activateBackend(shared: boolean): Promise<Heap> {
  // XNNPACK on one thread: the others are ours.
  setThreadsCount(1);
  const live = liveHeap();
  if (live && shared && !live.shared) {
    // Its tensors are read from it later.
    live.backend.dispose = () => undefined;
    tf.removeBackend(BACKEND);
  }
  const isNew = !liveHeap();
  if (isNew) {
    const factory = shared || !isNode ? createBackend : tfjsFactory;
    const present = tf.findBackendFactory(BACKEND);
    const ours = present === createBackend || present === tfjsFactory;
    if (ours && present !== factory) tf.removeBackend(BACKEND);
    if (!tf.findBackendFactory(BACKEND)) tf.registerBackend(BACKEND, factory, 2);
  }
  if (!(await tf.setBackend(BACKEND))) throw new Error("tfjs's 'wasm' backend did not start");
  await tf.ready();
  const heap = Heap.of();
  if (isNew) heap.start();
  return heap;
}
