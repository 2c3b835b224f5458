// Start-up: the backend, the kernel build, kernels and gradients.

import '@tensorflow/tfjs-layers'; // registers tfjs's gradients, which tfjs-core alone lacks in Node
import { version_core, registerGradient } from '@tensorflow/tfjs-core';
import { registerKernels } from '../kernels/register.js';
import { activateBackend, whyNoThreads } from '../runtime/backend.js';
import { activateInstructions, buildFor, type Instructions } from '../runtime/builds.js';
import { availableThreads, enableRelaxedSimd, hasSimd } from '../runtime/features.js';
import { setThreads } from '../runtime/tasks.js';
import { fusedAttentionGradient } from './attention.js';
import { averagePositionsGradient } from './averagePositions.js';
import { batchNormalizationGradient, batchNormalizationInferenceGradient } from './batchNormalization.js';
import { checkOptions } from './checks.js';
import { depthwiseConvolutionGradient } from './depthwiseConvolution.js';
import { dropoutGradient } from './dropout.js';
import { geluGradient } from './gelu.js';
import { headsAttentionGradient } from './headsAttention.js';
import { residualGradient } from './residual.js';

/** Options of `init`. */
export interface InitOptions {
  /**
   * Threads to compute with; `'auto'` (default) takes as many as the machine has cores, or one where threads cannot share
   * memory. Results do not depend on it.
   */
  threads?: number | 'auto';
  /** Relaxed SIMD (fused multiply-add); `'auto'` (default) uses it where WebAssembly has it. */
  relaxedSimd?: boolean | 'auto';
  /** 256-bit tiles; not in this version. */
  wide?: boolean;
  /** Replace tfjs's BatchMatMul and _FusedMatMul and add the kernels it lacks on wasm; default true. */
  acceleration?: boolean;
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
  /** What could be faster, and why it is not. */
  notes: string[];
}

const gradients = [
  fusedAttentionGradient,
  headsAttentionGradient,
  depthwiseConvolutionGradient,
  averagePositionsGradient,
  geluGradient,
  batchNormalizationGradient,
  batchNormalizationInferenceGradient,
  dropoutGradient,
  residualGradient,
];

let current: Info | undefined;

function checkChoice(name: string, value: unknown, choices: readonly unknown[]): void {
  if (choices.includes(value)) return;
  throw new Error(`init: ${name} was ${String(value)}; it must be ${choices.map(String).join(', ')}`);
}

function check({ threads, relaxedSimd, wide, acceleration }: Required<InitOptions>): void {
  if (threads !== 'auto' && !(Number.isInteger(threads) && threads >= 1)) {
    throw new Error(`init: threads was ${threads}; it must be a positive integer or 'auto'`);
  }
  const reason = whyNoThreads();
  if (threads !== 'auto' && threads > 1 && reason !== undefined) {
    throw new Error(`init: threads was ${threads}; only one can be had here, since ${reason}`);
  }
  checkChoice('relaxedSimd', relaxedSimd, [true, false, 'auto']);
  checkChoice('wide', wide, [true, false]);
  checkChoice('acceleration', acceleration, [true, false]);
  if (wide) throw new Error('init: wide was true; this version has no 256-bit build: leave it false');
}

async function chooseInstructions(relaxedSimd: boolean | 'auto'): Promise<Instructions> {
  if (relaxedSimd === false) return 'simd';
  if (await enableRelaxedSimd()) return 'relaxed';
  if (relaxedSimd === true) throw new Error('init: relaxedSimd was true; WebAssembly has no relaxed SIMD here');
  return 'simd';
}

/**
 * Brings up tfjs's `wasm` backend and registers every kernel and gradient. Call it once, before anything else; a second
 * call changes what its options change and is cheap otherwise. It also brings kernels back after `tf.removeBackend`.
 * @returns what is in use, which `info()` repeats.
 * @throws Error if WebAssembly has no SIMD, or an option cannot be had.
 */
export async function init(options: InitOptions = {}): Promise<Info> {
  checkOptions('init', options, ['threads', 'relaxedSimd', 'wide', 'acceleration'] satisfies (keyof InitOptions)[]);
  const { threads = 'auto', relaxedSimd = 'auto', wide = false, acceleration = true } = options;
  check({ threads, relaxedSimd, wide, acceleration });
  if (!hasSimd()) throw new Error('init: WebAssembly SIMD is needed, and not available here');
  const instructions = await chooseInstructions(relaxedSimd);
  const reason = whyNoThreads();
  const count = threads !== 'auto' ? threads : reason === undefined ? await availableThreads() : 1;
  const heap = await activateBackend(count > 1);
  await setThreads(heap, count, instructions);
  activateInstructions(instructions);
  const kernels = registerKernels(acceleration);
  for (const gradient of gradients) registerGradient(gradient);
  const notes: string[] = [];
  if (reason !== undefined) notes.push(`threads: 1, since ${reason}`);
  if (instructions === 'simd') {
    notes.push(
      relaxedSimd === false ? 'relaxedSimd: switched off by the caller' : 'relaxedSimd: WebAssembly lacks it here',
    );
  }
  if (!acceleration) notes.push('acceleration: switched off by the caller');
  current = {
    simd: true,
    relaxedSimd: instructions !== 'simd',
    wide,
    threads: count,
    sharedMemory: heap.shared,
    build: buildFor(heap, instructions),
    tfjs: version_core,
    kernels,
    notes,
  };
  return info();
}

/** What the last `init` brought up. Throws Error before it. */
export function info(): Info {
  if (!current) throw new Error('info: nothing is running yet; await init() first');
  return { ...current, kernels: [...current.kernels], notes: [...current.notes] };
}
