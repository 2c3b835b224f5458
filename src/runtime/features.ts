// What this machine can do, and how to switch on what is off.

import { hasRelaxedSimd } from './simd.js';
import { nodeModule } from '../nodeModule.js';

export const isNode = typeof process === 'object' && typeof process.versions?.node === 'string';

/**
 * Whether WebAssembly has relaxed SIMD. Node 20 has it behind a flag, which this switches on; it must run before the
 * first module that uses it is compiled.
 */
export async function enableRelaxedSimd(): Promise<boolean> {
  if (hasRelaxedSimd()) return true;
  if (!isNode) return false;
  if (Number.parseInt(process.versions.node) !== 20) return false;
  const { setFlagsFromString } = await nodeModule('node:v8');
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  return hasRelaxedSimd();
}

/** Threads that the machine runs at the same time. */
export async function availableThreads(): Promise<number> {
  if (!isNode) return navigator.hardwareConcurrency || 1;
  const { availableParallelism } = await nodeModule('node:os');
  return availableParallelism();
}
