import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ForecastOptions } from '../data/forecast/loadForecast.js';
import type { ReadOptions } from '../data/readOptions.js';
import type { Arithmetic } from './arithmetic.js';
import type { RunConfig } from './runConfig.js';
import type { RunProgress, RunResult } from './trainRun.js';

/** What a process is told to do. */
export interface RunTask {
  /** Name or path of the data set, for loadDataset; or a file by packDataset. */
  source: string;
  /** How its tables are read. */
  read?: ReadOptions;
  /** How it is cut into windows to forecast, if it is. */
  forecast?: ForecastOptions;
  /** Whether `source` is such a file. */
  packed?: boolean;
  config: RunConfig;
  /** Where the model is saved. */
  folder: string;
  /** Threads to compute with. */
  threads: number;
  /** Vectors of 256 bits; 'auto': where they can be had. */
  wide: boolean | 'auto';
}

/** What a run gave, and what it was computed with. */
export interface RunOutcome {
  result: RunResult;
  arithmetic: Arithmetic;
}

/** What it says. */
export type RunMessage =
  | { kind: 'progress'; progress: RunProgress }
  | ({ kind: 'done' } & RunOutcome)
  /** `elsewhere`: the reason may be this machine, and the run may do well on another one. */
  | { kind: 'failed'; error: string; elsewhere: boolean };

/** A run failed. */
export class RunError extends Error {
  /**
   * @param message why
   * @param elsewhere whether the reason may be this machine, and the run may do well on another one
   */
  constructor(
    message: string,
    readonly elsewhere: boolean,
  ) {
    super(message);
    this.name = 'RunError';
  }
}

const program = fileURLToPath(new URL('runWorker.js', import.meta.url));
/** Characters of what a process says on standard error that are kept for the report of its death. */
const LAST_WORDS = 400;

/**
 * Does a run in a process of its own.
 *
 * @param task see RunTask
 * @param options `signal` ends the process; `onStart` hears its id, `onProgress` each epoch
 * @throws RunError if the run fails, or its process dies; the signal's reason, if it was aborted
 */
export function runInProcess(
  task: RunTask,
  options: { signal?: AbortSignal; onStart: (pid: number) => void; onProgress: (progress: RunProgress) => void },
): Promise<RunOutcome> {
  const { signal, onStart, onProgress } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = fork(program, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let lastWords = '';
    let outcome: RunMessage | undefined;
    const stop = () => void child.kill();
    signal?.addEventListener('abort', stop, { once: true });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-LAST_WORDS);
    });
    child.on('message', (message: RunMessage) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else outcome = message;
    });
    child.once('error', reject);
    child.once('spawn', () => {
      onStart(child.pid!);
      child.send(task, (error) => error && child.kill());
    });
    // 'close' comes when the process has ended and all that it said was read.
    child.once('close', (code, killedBy) => {
      signal?.removeEventListener('abort', stop);
      if (outcome?.kind === 'done') return resolve({ result: outcome.result, arithmetic: outcome.arithmetic });
      if (signal?.aborted) return reject(signal.reason as Error);
      if (outcome?.kind === 'failed') return reject(new RunError(outcome.error, outcome.elsewhere));
      const said = lastWords.trim();
      const died = `its process died (${killedBy ?? `exit status ${code}`})${said && `: ${said}`}`;
      reject(new RunError(died, true));
    });
  });
}
