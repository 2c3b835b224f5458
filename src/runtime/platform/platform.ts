import type { Instructions } from '../builds.js';
import type { Threads } from '../thread.js';

/** A WebAssembly module: its bytes, or compiled where the runtime compiles none. */
export type ModuleSource = Uint8Array<ArrayBuffer> | WebAssembly.Module;

/** Emscripten's module as tfjs's glue code makes it. */
export interface TfjsModule {
  tfjs: object;
  cwrap(name: string, result: string | null, parameters: string[]): unknown;
}

/** tfjs's glue code. */
export type TfjsFactory = (config: object) => Promise<TfjsModule>;

/**
 * What differs between Node and its like, browsers, and edge runtimes. `#platform` is the one that fits: see `imports` in
 * package.json.
 */
export interface Platform extends Threads {
  /** Threads that the machine runs at the same time. */
  availableThreads(): number;
  /** Whether WebAssembly has relaxed SIMD, which this switches on where it is off. */
  enableRelaxedSimd(): boolean;
  /** Why there are no vectors of 256 bits; undefined where there may be. */
  whyNotWide(): string | undefined;
  /** The kernels of a build. Throws Error where they cannot be had. */
  kernels(instructions: Instructions): Promise<ModuleSource>;
  /** The glue code of tfjs's single-threaded module, or of the one whose heap threads share. */
  tfjsFactory(shared: boolean): TfjsFactory;
  /** The module itself; undefined where it is not beside the code. */
  tfjsModule(shared: boolean): Promise<ModuleSource | undefined>;
}

/** The name of tfjs's files, without their ending. */
export const tfjsFile = (shared: boolean) => (shared ? 'tfjs-backend-wasm-threaded-simd' : 'tfjs-backend-wasm-simd');
