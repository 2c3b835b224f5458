// Start-up: the backend, the kernel build, kernels and gradients.

import { Tensor, tidy, version_core, zeros } from '@tensorflow/tfjs-core';
import { checkOptions } from '../checks/values.js';
import { registerKernels } from '../kernels/register.js';
import { checkWide } from '../kernels/wideCheck.js';
import { platform } from '#platform';
import { activateBackend, liveHeap } from '../runtime/backend.js';
import { buildFor, compileBuild, instructionsIn, type Instructions, takeBuild } from '../runtime/builds.js';
import { completeTensorMethods } from '../runtime/chainedOps.js';
import { freeFailedTapes } from '../runtime/gradients.js';
import type { Heap } from '../runtime/heap.js';
import { plainCalls } from '../runtime/plain.js';
import { ThreadError } from '../runtime/pool.js';
import { hasSimd } from '../runtime/simd.js';
import { checkModules, type Modules } from './givenModules.js';
import { fuseTfjs } from './tfjs/fuse.js';

/** Options of `init`. */
export interface InitOptions {
  /**
   * Threads to compute with; `'auto'` (default) takes as many as the machine has cores, or one where threads cannot share
   * memory. Results do not depend on it.
   */
  threads?: number | 'auto';
  /** Relaxed SIMD (fused multiply-add); `'auto'` (default) uses it where WebAssembly has it. */
  relaxedSimd?: boolean | 'auto';
  /**
   * Vectors of 256 bits; default false. Node 24 and later, x64 with AVX2: it switches an experimental flag of V8 on while
   * the kernels are compiled, and checks them before it uses them. `'auto'` uses them where they can be had, and else says
   * in `notes` why not.
   */
  wide?: boolean | 'auto';
  /** Replace tfjs's BatchMatMul and _FusedMatMul and add the kernels it lacks on wasm; default true. */
  acceleration?: boolean;
  /**
   * Compiled modules, for runtimes that compile no bytes and have no bundler that finds the files; see Modules. One thread
   * computes then. They serve later calls, too; `{}` takes them back.
   */
  modules?: Modules;
}

/** What `init` brought up. */
export interface Info {
  /** WebAssembly has 128-bit SIMD; always true, since `init` fails without. */
  simd: boolean;
  relaxedSimd: boolean;
  wide: boolean;
  /** Threads that kernels compute on. */
  threads: number;
  /** The heap is a SharedArrayBuffer. */
  sharedMemory: boolean;
  /** The kernel build in use: 'simd', 'relaxed' or 'wide', with '-shared' where threads share the heap. */
  build: string;
  /** Version of tfjs-core. */
  tfjs: string;
  /** Names of the registered kernels. */
  kernels: string[];
  /** Names of the kernels that tfjs has in plain JavaScript only: they compute there, on one thread. */
  cpuKernels: string[];
  /**
   * Calls that were computed in plain JavaScript so far, by kernel: those of `cpuKernels`, and what tfjs's own wasm kernels
   * refuse or get wrong (strings, complex numbers, some types and layouts).
   */
  cpuCalls: Record<string, number>;
  /** What could be faster, and why it is not. */
  notes: string[];
}

/** What the latest `init` brought up. */
let current: { heap: Heap; info: Info } | undefined;

/** The modules that a call gave: they serve later ones too. */
let given: Modules = {};

/** The latest call of `init`: each waits for the one before it. */
let latest: Promise<unknown> = Promise.resolve();

function checkChoice(name: string, value: unknown, choices: readonly unknown[]): void {
  if (choices.includes(value)) return;
  throw new Error(`init: ${name} was ${String(value)}; it must be ${choices.map(String).join(', ')}`);
}

/** More threads than the machine has cores are for tests, and few; each has a stack and scratch of its own. */
const MANY_THREADS = 64;

function checkThreads(threads: number | 'auto', reason: string | undefined): void {
  if (threads === 'auto' || threads === 1 || reason === undefined) return;
  throw new Error(`init: threads was ${threads}; only one can be had here, since ${reason}`);
}

/** Why there can be one thread only; undefined where there can be more. */
const whyOneThread = ({ kernels, tfjs }: Modules) =>
  kernels || tfjs ? 'the given modules are for one' : platform.whyNoThreads();

function check({ threads, relaxedSimd, wide, acceleration, modules }: Required<InitOptions>): void {
  if (threads !== 'auto' && !(Number.isInteger(threads) && threads >= 1)) {
    throw new Error(`init: threads was ${threads}; it must be a positive integer or 'auto'`);
  }
  const most = Math.max(MANY_THREADS, platform.availableThreads());
  if (threads !== 'auto' && threads > most) {
    throw new Error(
      `init: threads was ${threads}; it must be at most ${most}: this machine runs ${platform.availableThreads()}`,
    );
  }
  checkModules(modules);
  checkThreads(threads, whyOneThread(modules));
  checkChoice('relaxedSimd', relaxedSimd, [true, false, 'auto']);
  checkChoice('wide', wide, [true, false, 'auto']);
  checkChoice('acceleration', acceleration, [true, false]);
  if (wide === true && relaxedSimd === false) {
    throw new Error('init: wide was true and relaxedSimd false; wide needs relaxed SIMD');
  }
  checkWanted(wide, platform.whyNotWide());
}

function checkWanted(wide: boolean | 'auto', missing: string | undefined): void {
  if (wide !== true || missing === undefined) return;
  throw new Error(`init: wide was true; it cannot be had here: ${missing}`);
}

/** The narrow instructions: those of the given kernels, if there are any. */
function chooseInstructions({ relaxedSimd, modules: { kernels } }: Required<InitOptions>): Instructions {
  const given = kernels && instructionsIn(kernels);
  if (given !== undefined && relaxedSimd === (given === 'simd')) {
    throw new Error(`init: relaxedSimd was ${relaxedSimd}, and modules.kernels the build '${given}'; they must agree`);
  }
  if (given !== undefined) {
    takeBuild(kernels!, given);
    return given;
  }
  if (relaxedSimd === false) return 'simd';
  if (platform.enableRelaxedSimd()) return 'relaxed';
  if (relaxedSimd === true) throw new Error('init: relaxedSimd was true; WebAssembly has no relaxed SIMD here');
  return 'simd';
}

/**
 * Brings up tfjs's `wasm` backend and registers every kernel and gradient. Call it once, before anything else; a second
 * call changes what its options change and is cheap otherwise. It also brings kernels back after `tf.removeBackend`, and
 * threads after a ThreadError.
 * @returns what is in use, which `info()` repeats.
 * @throws Error if WebAssembly has no SIMD, or an option cannot be had.
 */
export async function init(options: InitOptions = {}): Promise<Info> {
  const names = ['threads', 'relaxedSimd', 'wide', 'acceleration', 'modules'] satisfies (keyof InitOptions)[];
  checkOptions('init', options, names);
  const { threads = 'auto', relaxedSimd = 'auto', wide = false, acceleration = true, modules = given } = options;
  const wanted = { threads, relaxedSimd, wide, acceleration, modules };
  check(wanted);
  given = modules;
  const starting = latest.then(() => start(wanted));
  latest = starting.catch(() => undefined);
  return starting;
}

async function start(wanted: Required<InitOptions>): Promise<Info> {
  const { threads, relaxedSimd, wide, acceleration, modules } = wanted;
  if (!hasSimd()) throw new Error('init: WebAssembly SIMD is needed, and not available here');
  const narrow = chooseInstructions(wanted);
  let reason = whyOneThread(modules);
  let count = threads !== 'auto' ? threads : reason === undefined ? platform.availableThreads() : 1;
  // Whatever fails from here on, it is not what was there before.
  current = undefined;
  // Before tfjs's own module is there: V8 must not compile that one in the same way.
  let notWide = wide === false ? undefined : await whyNotCompiled(narrow, count > 1 || liveHeap()?.shared === true);
  checkWanted(wide, notWide);
  const heap = await activateBackend(count > 1, modules.tfjs);
  if (count > 1 && !heap.shared) {
    reason = "tfjs's wasm backend came up without shared memory";
    checkThreads(threads, reason);
    count = 1;
  }
  if (wide !== false) notWide ??= await whyNotProven(heap, narrow);
  const instructions = wide === false || notWide !== undefined ? narrow : 'wide';
  try {
    await heap.activate(instructions, count);
  } catch (error) {
    if (threads !== 'auto' || !(error instanceof ThreadError)) throw error;
    reason = error.message;
    await heap.activate(instructions, (count = 1));
  }
  checkWanted(wide, notWide);
  const { kernels, cpuKernels } = registerKernels(acceleration);
  completeTensorMethods();
  freeFailedTapes();
  fuseTfjs(acceleration);
  const notes: string[] = [];
  if (reason !== undefined) notes.push(`threads: 1, since ${reason}`);
  if (instructions === 'simd') {
    const lacking = modules.kernels ? 'the given kernels have none' : 'WebAssembly lacks it here';
    notes.push(`relaxedSimd: ${relaxedSimd === false ? 'switched off by the caller' : lacking}`);
  }
  if (notWide !== undefined) notes.push(`wide: ${notWide}`);
  if (hasForeignTensors()) {
    notes.push(
      'another copy of @tensorflow/tfjs-core is loaded: its kernels are these, but layers of tfjs-layers beside it stay as ' +
        'they are, and do not take those of this package (npm ls @tensorflow/tfjs-core)',
    );
  }
  if (!acceleration) notes.push('acceleration: switched off by the caller');
  const info = {
    simd: true,
    relaxedSimd: instructions !== 'simd',
    wide: instructions === 'wide',
    threads: count,
    sharedMemory: heap.shared,
    build: heap.build,
    tfjs: version_core,
    kernels,
    cpuKernels,
    cpuCalls: {},
    notes,
  };
  current = { heap, info };
  return copyOf(info);
}

/** Whether the engine, which all copies of tfjs-core share, is that of another copy than ours. */
function hasForeignTensors(): boolean {
  return tidy(() => Object.getPrototypeOf(zeros([1])) !== Tensor.prototype);
}

/** Why the build for 256 bits cannot be compiled; undefined where it is. */
async function whyNotCompiled(narrow: Instructions, shared: boolean): Promise<string | undefined> {
  if (narrow !== 'relaxed') return 'it needs relaxed SIMD';
  const missing = platform.whyNotWide();
  if (missing !== undefined) return missing;
  return compileBuild(shared ? 'wide-shared' : 'wide').then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
}

/** Why the build for 256 bits cannot be trusted on `heap`, which is checked until it can. */
async function whyNotProven(heap: Heap, narrow: Instructions): Promise<string | undefined> {
  if (heap.proven.has('wide')) return undefined;
  await compileBuild(buildFor(heap, narrow));
  const fault = checkWide(heap, narrow);
  if (fault === undefined) heap.proven.add('wide');
  return fault;
}

const copyOf = (info: Info): Info => ({
  ...info,
  kernels: [...info.kernels],
  cpuKernels: [...info.cpuKernels],
  cpuCalls: Object.fromEntries(plainCalls),
  notes: [...info.notes],
});

/**
 * What the last `init` brought up.
 *
 * @throws Error before it, and where the backend that it brought up is gone
 */
export function info(): Info {
  if (!current) throw new Error('info: nothing is running yet; await init() first');
  if (liveHeap() !== current.heap) {
    throw new Error("info: tfjs's 'wasm' backend was removed since init brought it up; await init() again");
  }
  return copyOf(current.info);
}
