// Node's switch for relaxed SIMD.

import v8 from 'node:v8';
import { hasRelaxedSimd } from './simd.js';

/**
 * Whether WebAssembly has relaxed SIMD. Node 20 has it behind a flag, which this switches on; it must run before the
 * first module that uses it is compiled.
 */
export function enableRelaxedSimd(): boolean {
  if (hasRelaxedSimd()) return true;
  if (Number.parseInt(process.versions.node) !== 20) return false;
  v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return hasRelaxedSimd();
}
