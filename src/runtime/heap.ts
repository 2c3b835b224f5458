// The heap of tfjs's wasm backend with what computes on it: one build of the kernels, and threads.

import { platform } from '#platform';
import * as tf from '@tensorflow/tfjs-core';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  type Build,
  buildFor,
  compileBuild,
  instantiate,
  type Instructions,
  type Kernels,
  loadedInstructions,
  type TaskName,
} from './builds.js';
import { tasks } from './generated/bindings.js';
import { HeapMemory } from './memory.js';
import { Pool } from './pool.js';

const CACHE_LINE = 64;

const taskNames = Object.keys(tasks);

/** The heap of one live backend. A new backend has a new heap, on which nothing is known of the old one. */
export class Heap extends HeapMemory {
  private static readonly heaps = new WeakMap<BackendWasm, Heap>();

  private readonly instances = new Map<Build, Kernels>();
  /** A heap that `activate` has not seen has what is there. */
  private instructions: Instructions = loadedInstructions();
  private pool: Pool | undefined;

  /** Instructions whose results were checked on this heap. */
  readonly proven = new Set<Instructions>();

  /** The heap of tfjs's active backend, or of the one that runs a kernel. */
  static of(backend: unknown = tf.backend()): Heap {
    if (!(backend instanceof BackendWasm)) throw new Error("the active tfjs backend must be 'wasm': call init() first");
    let heap = Heap.heaps.get(backend);
    if (!heap) Heap.heaps.set(backend, (heap = new Heap(backend)));
    return heap;
  }

  /** The build that computes. */
  get build(): Build {
    return buildFor(this, this.instructions);
  }

  /** Its functions. */
  get kernels(): Kernels {
    const { build } = this;
    let kernels = this.instances.get(build);
    if (!kernels) this.instances.set(build, (kernels = instantiate(build, this)));
    return kernels;
  }

  /** Threads that compute. */
  get threads(): number {
    return this.pool?.size ?? 1;
  }

  /**
   * Makes `instructions` those of all kernels, on `threads` threads. Throws ThreadError where they do not start; one thread
   * computes then.
   */
  async activate(instructions: Instructions, threads: number): Promise<void> {
    const module = await compileBuild(buildFor(this, instructions));
    const { pool } = this;
    const fits = pool ? pool.size === threads && pool.module === module && !pool.broken : threads === 1;
    if (!fits) {
      await this.stopThreads();
      if (threads > 1) {
        this.onRemoval(() => void this.stopThreads());
        const owner = { heap: this, platform, remedy: 'await init() starts new threads' };
        this.pool = await Pool.start(owner, module, taskNames, threads);
      }
    }
    this.instructions = instructions;
  }

  /** Runs `use` with other instructions, on this thread only. */
  withInstructions<T>(instructions: Instructions, use: () => T): T {
    const { instructions: own, pool } = this;
    this.instructions = instructions;
    this.pool = undefined;
    try {
      return use();
    } finally {
      this.instructions = own;
      this.pool = pool;
    }
  }

  private async stopThreads(): Promise<void> {
    const { pool } = this;
    this.pool = undefined;
    await pool?.stop();
  }

  /**
   * Runs all tasks of an entry point on the problem at an address, on all threads: pieces that do not touch each other's
   * results, and depend on the problem only, so that results are the same bits for every number of threads. Each thread has
   * scratch of its own, as much as the entry point asks for. Throws OutOfMemoryError, ThreadError.
   */
  run(name: TaskName, problem: number): void {
    const { kernels, pool } = this;
    const { [name]: run, [`${name}Tasks` as const]: countTasks, [`${name}Scratch` as const]: countBytes } = kernels;
    const count = countTasks(problem);
    pool?.check();
    if (count === 0) return;
    const crew = count > 1 ? pool : undefined;
    const stride = Math.ceil(((countBytes?.(problem) ?? 0) >>> 0) / CACHE_LINE) * CACHE_LINE;
    const work = (scratch: number) => {
      if (crew) crew.run(taskNames.indexOf(name), run, problem, count, scratch, stride);
      else for (let task = 0; task < count; task++) run(problem, task, scratch);
    };
    if (stride === 0) work(0);
    else this.withScratch((crew?.size ?? 1) * stride, work);
  }
}
