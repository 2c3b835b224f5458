// Kernels as tasks: pieces of one problem that do not touch each other's results, run one after the other or by all
// threads. The pieces depend on the problem only, so results are the same bits for every number of threads.

import { beforeRemoval } from './backend.js';
import { activateInstructions, buildFor, compileBuild, type Instructions, kernelsOn } from './builds.js';
import { type TaskName, taskNames } from './entryPoints.js';
import type { Heap } from './heap.js';
import { Pool } from './pool.js';

const CACHE_LINE = 64;

let pool: Pool | undefined;
let poolHeap: Heap | undefined;

/**
 * Makes `instructions` those of all kernels, on `threads` threads over `heap`. Throws ThreadError where they do not start;
 * one thread computes then.
 */
export async function activateKernels(heap: Heap, threads: number, instructions: Instructions): Promise<void> {
  const module = await compileBuild(buildFor(heap, instructions));
  const fits = pool && poolHeap === heap && pool.size === threads && pool.module === module && !pool.broken;
  if (!fits) {
    await stopThreads();
    if (threads > 1) {
      beforeRemoval(heap.backend, () => void stopThreads());
      poolHeap = heap;
      pool = await Pool.start(heap, module, taskNames, threads);
    }
  }
  activateInstructions(instructions);
}

async function stopThreads(): Promise<void> {
  const stopped = pool;
  pool = undefined;
  await stopped?.stop();
}

/** Threads that compute on `heap`. */
export function threadsOn(heap: Heap): number {
  return pool && poolHeap === heap ? pool.size : 1;
}

/**
 * Runs all tasks of an entry point of the kernels on the problem at `frame`, on all threads. Each thread has scratch of
 * its own, as much as the entry point asks for. Throws OutOfMemoryError, ThreadError.
 */
export function runTasks(heap: Heap, name: TaskName, frame: number): void {
  const kernels = kernelsOn(heap);
  const { [name]: run, [`${name}Tasks` as const]: countTasks, [`${name}Scratch` as const]: countBytes } = kernels;
  const count = countTasks(frame);
  const crew = poolHeap === heap ? pool : undefined;
  crew?.check();
  if (count === 0) return;
  const threads = crew && count > 1 ? crew.size : 1;
  const stride = Math.ceil(((countBytes?.(frame) ?? 0) >>> 0) / CACHE_LINE) * CACHE_LINE;
  const work = (scratch: number) => {
    if (crew && count > 1) crew.run(taskNames.indexOf(name), run, frame, count, scratch, stride);
    else for (let task = 0; task < count; task++) run(frame, task, scratch);
  };
  if (stride === 0) work(0);
  else heap.withScratch(threads * stride, work);
}
