// The kernel binaries: compiled once, instantiated once for each heap and build.

import { binaries } from './generated/binaries.js';
import type { Heap } from './heap.js';
import { compileWide } from './wide.js';
import type { Kernels } from './entryPoints.js';

/** What a build computes with: 128-bit SIMD, relaxed SIMD, or relaxed SIMD in tiles for pairs of vectors. */
export type Instructions = 'simd' | 'relaxed' | 'wide';

/** The kernel builds: one source, differently compiled. Those for heaps that threads share are builds of their own. */
export type Build = keyof typeof binaries;

const modules = new Map<Build, Promise<WebAssembly.Module>>();
const compiled = new Map<Build, WebAssembly.Module>();
const instances = new WeakMap<WebAssembly.Memory, Map<Build, Kernels>>();

let active: Instructions | undefined;

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** The build for a heap. */
export function buildFor(heap: Heap, instructions: Instructions): Build {
  return heap.shared ? `${instructions}-shared` : instructions;
}

/** Compiles a build; a second call gives the same module. */
export async function compileBuild(build: Build): Promise<WebAssembly.Module> {
  let module = modules.get(build);
  if (!module) {
    const binary = decode(binaries[build]);
    module = build.startsWith('wide') ? compileWide(binary) : WebAssembly.compile(binary);
    modules.set(build, module);
    module.catch(() => modules.delete(build));
  }
  compiled.set(build, await module);
  return module;
}

/** Makes these instructions the ones of `kernelsOn`; the build for the heap in use must be compiled. */
export function activateInstructions(instructions: Instructions): void {
  active = instructions;
}

/** The kernels of the active build over a heap; a new heap gets an instance of its own at its first call. */
export function kernelsOn(heap: Heap): Kernels {
  if (!active) throw new Error('the kernels are not ready: await init() first');
  const { memory } = heap;
  let byBuild = instances.get(memory);
  if (!byBuild) instances.set(memory, (byBuild = new Map<Build, Kernels>()));
  const build = buildFor(heap, active);
  let kernels = byBuild.get(build);
  if (!kernels) byBuild.set(build, (kernels = instantiate(build, memory)));
  return kernels;
}

function instantiate(build: Build, memory: WebAssembly.Memory): Kernels {
  // A backend that the user brought up may have a heap of the other kind than the one that init saw.
  let module = compiled.get(build);
  if (!module) compiled.set(build, (module = new WebAssembly.Module(decode(binaries[build]))));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}
