// Kernels as tasks: pieces of one problem that do not touch each other's results, run one after the other or by all
// threads. The pieces depend on the problem only, so results are the same bits for every number of threads.

import { buildFor, compileBuild, type Instructions, kernelsOn } from './builds.js';
import { type TaskName, taskNames } from './entryPoints.js';
import type { Heap } from './heap.js';
import { Pool } from './pool.js';

const CACHE_LINE = 64;

let pool: Pool | undefined;
let poolHeap: Heap | undefined;

/** Starts or stops threads so that `threads` in all compute on `heap`. */
export async function setThreads(heap: Heap, threads: number, instructions: Instructions): Promise<void> {
  const module = await compileBuild(buildFor(heap, instructions));
  const fits = pool && poolHeap === heap && pool.size === threads && pool.module === module && !pool.broken;
  if (fits) return;
  await pool?.stop();
  pool = undefined;
  if (threads === 1) return;
  pool = await Pool.start(heap, module, taskNames, threads);
  poolHeap = heap;
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
  const threads = count > 1 ? threadsOn(heap) : 1;
  const stride = Math.ceil(((countBytes?.(frame) ?? 0) >>> 0) / CACHE_LINE) * CACHE_LINE;
  const work = (scratch: number) => {
    if (threads > 1) pool!.run(taskNames.indexOf(name), run, frame, count, scratch, stride);
    else for (let task = 0; task < count; task++) run(frame, task, scratch);
  };
  if (stride === 0) work(0);
  else heap.withScratch(threads * stride, work);
}
