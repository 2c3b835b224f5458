// The kernel binaries: compiled once for the process, instantiated once for each heap and build.

import { platform } from '#platform';
import { isOf } from '../checks/isOf.js';
import type { functions, tasks } from './generated/bindings.js';
import type { HeapMemory } from './memory.js';
import type { ModuleSource } from './platform/platform.js';
import { shareMemory } from './shareMemory.js';
import { compileWide } from './wide.js';

/** What a build computes with: 128-bit SIMD, relaxed SIMD, or relaxed SIMD in tiles for pairs of vectors. */
export type Instructions = 'simd' | 'relaxed' | 'wide';

/** The kernel builds: one source, differently compiled, for heaps that threads share and for others. */
export type Build = Instructions | `${Instructions}-shared`;

export type TaskName = keyof typeof tasks;

type Size = (problem: number) => number;

/** The functions of a build: they take the address of a problem. */
export type Kernels = Record<TaskName, (problem: number, task: number, scratch: number) => void> &
  Record<`${TaskName}Tasks`, Size> &
  Partial<Record<`${TaskName}Scratch`, Size>> &
  Record<keyof typeof functions, Size>;

/** What was loaded, and compiled: nothing in it changes, and heaps of one process share it. */
const sources = new Map<Instructions, ModuleSource>();
const modules = new Map<Build, WebAssembly.Module>();
const compiling = new Map<Build, Promise<WebAssembly.Module>>();

/** The build for a heap. */
export function buildFor({ shared }: HeapMemory, instructions: Instructions): Build {
  return shared ? `${instructions}-shared` : instructions;
}

const instructionsOf = (build: Build) => build.replace('-shared', '') as Instructions;

/** What a compiled build computes with, as scripts/build.mjs has written into it; undefined for other modules. */
export function instructionsIn(module: WebAssembly.Module): Instructions | undefined {
  const [name] = WebAssembly.Module.customSections(module, 'primal-attention build');
  return name && (new TextDecoder().decode(name) as Instructions);
}

/** Takes a compiled build, for heaps that are not shared. */
export function takeBuild(module: WebAssembly.Module, instructions: Instructions): void {
  sources.set(instructions, module);
  modules.set(instructions, module);
}

/** The bytes of a build, or its module where it came compiled, which fits the one kind of heap. */
function bytesFor(build: Build, source: ModuleSource): Uint8Array<ArrayBuffer> {
  if (isOf('WebAssembly.Module', source)) throw new Error(`the kernels for ${build} were not given`);
  const bytes = source as Uint8Array<ArrayBuffer>;
  return build.endsWith('-shared') ? shareMemory(bytes) : bytes;
}

async function load(build: Build): Promise<WebAssembly.Module> {
  const instructions = instructionsOf(build);
  const shared = build.endsWith('-shared');
  let source = sources.get(instructions);
  if (!source || (shared && isOf('WebAssembly.Module', source))) {
    sources.set(instructions, (source = await platform.kernels(instructions)));
  }
  if (!shared && isOf('WebAssembly.Module', source)) return source;
  const bytes = bytesFor(build, source);
  return instructions === 'wide' ? compileWide(bytes) : WebAssembly.compile(bytes);
}

/** Loads and compiles a build; a second call gives the same module. */
export async function compileBuild(build: Build): Promise<WebAssembly.Module> {
  let module = compiling.get(build);
  if (!module) {
    module = modules.has(build) ? Promise.resolve(modules.get(build)!) : load(build);
    compiling.set(build, module);
    module.catch(() => compiling.delete(build));
  }
  modules.set(build, await module);
  return module;
}

/** Instructions of a build that is there already, and that every heap can do with. */
export const loadedInstructions = (): Instructions => (sources.has('simd') ? 'simd' : 'relaxed');

/**
 * An instance of a build over a heap, compiled now if it has not been.
 *
 * @throws Error where nothing has loaded it
 */
export function instantiate(build: Build, { memory }: HeapMemory): Kernels {
  let module = modules.get(build);
  if (!module) {
    const source = sources.get(instructionsOf(build));
    if (!source) throw new Error('the kernels are not there yet: call await init() first');
    modules.set(build, (module = new WebAssembly.Module(bytesFor(build, source))));
  }
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Kernels;
}
