import { availableParallelism } from 'node:os';
import { counted } from '../checks/counted.js';
import type { RunPlace } from './runPlace.js';
import { runInProcess } from './runProcess.js';

export interface LocalPlaceOptions {
  /** Processes at a time. Default: as many as there are cores for, with `threads` each, and no more than runs. */
  jobs?: number;
  /** Threads of a process. Default: the cores divided among the processes, at least 1. */
  threads?: number;
  /** Vectors of 256 bits in all processes; an error where they cannot be had. Default: false. */
  wide?: boolean;
}

/** How the cores of this machine are divided among processes. */
export interface Shares {
  /** Processes at a time. */
  jobs: number;
  /** Threads of each. */
  threads: number;
}

/**
 * @param options what was asked for, see LocalPlaceOptions
 * @param runs no more processes than these are needed
 */
export function shareCores({ jobs, threads }: Pick<LocalPlaceOptions, 'jobs' | 'threads'>, runs = Infinity): Shares {
  const cores = availableParallelism();
  const most = Math.max(1, Math.min(runs, jobs ?? Math.floor(cores / (threads ?? 1))));
  return { jobs: most, threads: threads ?? Math.max(1, Math.floor(cores / most)) };
}

/** Processes of this machine. */
export function localPlace({ wide = false, ...options }: LocalPlaceOptions): RunPlace {
  return {
    prepare(runs) {
      const { jobs, threads } = shareCores(options, runs);
      return {
        atOnce: jobs,
        places: `${counted(jobs, 'process', 'processes')} with ${counted(threads, 'thread')} each`,
        compute: async ({ source: { source, read, forecast }, config, folder }, { signal, onStart, onProgress }) => {
          const task = { source, read, forecast, config, folder, threads, wide };
          const { result } = await runInProcess(task, { signal, onStart: (pid) => onStart({ pid }), onProgress });
          return { result };
        },
      };
    },
  };
}
