// Modules whose pairs of neighbouring vectors V8 fuses into vectors of 256 bits. An experimental flag of the process, so
// it is on only while such a module is compiled, which has to happen at once, by the optimising compiler: V8 has crashed
// on other modules (tfjs's own) under this flag, and can crash the process on code of a shape that it does not know.

import { nodeModule } from '../nodeModule.js';

/** On while a wide module is compiled: fuse, and neither wait for a first call nor go by the baseline compiler. */
const FLAGS = [
  '--experimental-wasm-revectorize',
  '--no-liftoff',
  '--no-wasm-lazy-compilation',
  '--no-wasm-inlining',
] as const;

/** Node versions whose V8 compiles the kernels, as the benchmark and the tests have shown. */
const KNOWN = [24, 26];

const opposite = (flag: string) => (flag.startsWith('--no-') ? `--${flag.slice(5)}` : `--no-${flag.slice(2)}`);

/**
 * Compiles a module with fused vectors. Node 24 and later only.
 * @throws Error where this V8, not known to work, fails on it in a process of its own.
 */
export async function compileWide(binary: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  const { setFlagsFromString } = await nodeModule('node:v8');
  if (!KNOWN.includes(Number.parseInt(process.versions.node))) await tryCompiling(binary);
  const own = FLAGS.filter((flag) => !process.execArgv.includes(flag));
  for (const flag of own) setFlagsFromString(flag);
  try {
    return new WebAssembly.Module(binary);
  } finally {
    for (const flag of own) setFlagsFromString(opposite(flag));
  }
}

/** Compiles the module in another process, which may crash. */
async function tryCompiling(binary: Uint8Array): Promise<void> {
  const { spawnSync } = await nodeModule('node:child_process');
  const script = 'new WebAssembly.Module(require("node:fs").readFileSync(0))';
  const { status } = spawnSync(process.execPath, [...FLAGS, '-e', script], { input: binary });
  if (status === 0) return;
  throw new Error(`V8 ${process.versions.v8} cannot compile the kernels for 256 bits`);
}
