// The kernel binaries: compiled once for the process, instantiated once for each heap and build.

import { binaries } from './generated/binaries.js';
import type { functions, tasks } from './generated/bindings.js';
import type { HeapMemory } from './memory.js';
import { compileWide } from './wide.js';

/** What a build computes with: 128-bit SIMD, relaxed SIMD, or relaxed SIMD in tiles for pairs of vectors. */
export type Instructions = 'simd' | 'relaxed' | 'wide';

/** The kernel builds: one source, differently compiled. Those for heaps that threads share are builds of their own. */
export type Build = keyof typeof binaries;

export type TaskName = keyof typeof tasks;

type Size = (problem: number) => number;

/** The functions of a build: they take the address of a problem. */
export type Kernels = Record<TaskName, (problem: number, task: number, scratch: number) => void> &
  Record<`${TaskName}Tasks`, Size> &
  Partial<Record<`${TaskName}Scratch`, Size>> &
  Record<keyof typeof functions, Size>;

/** Compiled builds: nothing in them changes, and heaps of one process share them. */
const modules = new Map<Build, WebAssembly.Module>();
const compiling = new Map<Build, Promise<WebAssembly.Module>>();

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** The build for a heap. */
export function buildFor({ shared }: HeapMemory, instructions: Instructions): Build {
  return shared ? `${instructions}-shared` : instructions;
}

/** Compiles a build; a second call gives the same module. */
export async function compileBuild(build: Build): Promise<WebAssembly.Module> {
  let module = compiling.get(build);
  if (!module) {
    const binary = decode(binaries[build]);
    module = build.startsWith('wide') ? compileWide(binary) : WebAssembly.compile(binary);
    compiling.set(build, module);
    module.catch(() => compiling.delete(build));
  }
  modules.set(build, await module);
  return module;
}

/** An instance of a build over a heap, compiled now if it has not been. */
export function instantiate(build: Build, { memory }: HeapMemory): Kernels {
  let module = modules.get(build);
  if (!module) modules.set(build, (module = new WebAssembly.Module(decode(binaries[build]))));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Kernels;
}
