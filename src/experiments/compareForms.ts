import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ReadOptions } from '../data/readOptions.js';
import { type Dataset, kindOf } from '../data/labelledData.js';
import { type ClassifierSizes, withSizes } from './classifierSizes.js';
import { fingerprint } from './fingerprint.js';
import { type Protocol, protocolOf, type RunConfig } from './runConfig.js';
import { runName } from './runPlan.js';
import { runInProcess } from './runProcess.js';
import { type RunRecord, RunStore } from './runStore.js';
import type { RunProgress } from './trainRun.js';

/** A data set, and where the processes find it. */
export interface Source {
  dataset: Dataset;
  /** Its name or path, for loadDataset. */
  source: string;
  /** How its tables are read. */
  read?: ReadOptions;
}

export interface CompareOptions extends Protocol {
  data: readonly Source[];
  /** Names of forms of attention. */
  forms: readonly string[];
  /** Of the classifiers; see classifierSizes for the defaults. */
  sizes: Partial<ClassifierSizes>;
  /** Number of seeds: 0, 1, ... */
  seeds: number;
  /** Of this package. */
  version: string;
  /** Folder of the comparison; the runs are in its subfolder `runs`. */
  output: string;
  /** Processes at a time. Default: as many as there are cores for, with `threads` each, and no more than runs. */
  jobs?: number;
  /** Threads of a process. Default: the cores divided among the processes, at least 1. */
  threads?: number;
  /** Vectors of 256 bits in all processes; an error where they cannot be had. Default: false. */
  wide?: boolean;
  /** Repeats runs that are already finished. */
  fresh?: boolean;
  /** Ends the running processes; finished runs stay. */
  signal?: AbortSignal;
  onEvent?: (event: CompareEvent) => void;
}

/** What happens in a comparison. */
export type CompareEvent =
  | { kind: 'planned'; runs: readonly RunConfig[]; found: number; jobs: number; threads: number }
  | { kind: 'again'; run: RunConfig; reason: string }
  | { kind: 'started'; run: RunConfig; pid: number }
  | { kind: 'progress'; run: RunConfig; progress: RunProgress }
  | { kind: 'finished'; run: RunConfig; record: RunRecord; found: boolean }
  | { kind: 'failed'; run: RunConfig; error: string };

export interface FailedRun {
  data: string;
  form: string;
  seed: number;
  error: string;
}

/** Runs in the order of data sets, forms and seeds. */
export interface Comparison {
  records: RunRecord[];
  failed: FailedRun[];
}

interface Task extends Pick<Source, 'source' | 'read'> {
  config: RunConfig;
}

/** All runs, by data set, seed and form, so that those which a paired test compares come one after the other. */
function plan({ data, forms, seeds, sizes, version, ...options }: CompareOptions): Task[] {
  const tasks: Task[] = [];
  for (const { dataset, source, read } of data) {
    const { name, train } = dataset;
    if (tasks.some(({ config }) => config.data === name)) {
      throw new Error(`${source}: a data set named ${name} is already in the comparison; names must differ`);
    }
    const settings = { ...protocolOf(options), ...withSizes(kindOf(train), sizes) };
    const common = { version, data: name, fingerprint: fingerprint(dataset), ...settings };
    for (let seed = 0; seed < seeds; seed++) {
      for (const form of forms) tasks.push({ source, read, config: { ...common, form, seed } });
    }
  }
  return tasks;
}

/** Processes, and threads for each. */
function share({ jobs, threads }: CompareOptions, runs: number): { jobs: number; threads: number } {
  const cores = availableParallelism();
  const most = Math.max(1, Math.min(runs, jobs ?? Math.floor(cores / (threads ?? 1))));
  return { jobs: most, threads: threads ?? Math.max(1, Math.floor(cores / most)) };
}

/**
 * Performs all runs of a comparison, data sets x forms x seeds, each in a process of its own; see trainRun for what a run
 * is. A run that is already finished in the folder, with an equal configuration, is not repeated. One that fails does not
 * stop the others.
 *
 * @param options see CompareOptions
 * @throws Error if two data sets have the same name; the file system's errors; the signal's reason, if it was aborted
 */
export async function compareForms(options: CompareOptions): Promise<Comparison> {
  const { output, wide = false, fresh = false, signal, onEvent = () => {} } = options;
  const store = new RunStore(join(output, 'runs'));
  const tasks = plan(options);
  const records = new Map<string, RunRecord>();
  const failed: FailedRun[] = [];

  const pending: Task[] = [];
  const reasons: CompareEvent[] = [];
  for (const task of tasks) {
    const found = fresh ? '' : await store.find(task.config);
    if (typeof found !== 'string') {
      records.set(runName(task.config), found);
      continue;
    }
    pending.push(task);
    if (found) reasons.push({ kind: 'again', run: task.config, reason: found });
  }
  const { jobs, threads } = share(options, pending.length);
  onEvent({ kind: 'planned', runs: tasks.map(({ config }) => config), found: records.size, jobs, threads });
  reasons.forEach(onEvent);
  for (const record of records.values()) onEvent({ kind: 'finished', run: record.config, record, found: true });

  const perform = async ({ source, read, config: run }: Task) => {
    try {
      await store.clear(run);
      const result = await runInProcess(
        { source, read, config: run, folder: store.modelFolder(run), threads, wide },
        {
          signal,
          onStart: (pid) => onEvent({ kind: 'started', run, pid }),
          onProgress: (progress) => onEvent({ kind: 'progress', run, progress }),
        },
      );
      const record = { config: run, ...result };
      await store.keep(record);
      records.set(runName(run), record);
      onEvent({ kind: 'finished', run, record, found: false });
    } catch (error) {
      if (signal?.aborted) return;
      const { data, form, seed } = run;
      failed.push({ data, form, seed, error: (error as Error).message });
      onEvent({ kind: 'failed', run, error: (error as Error).message });
    }
  };
  const worker = async () => {
    for (let task = pending.shift(); task && !signal?.aborted; task = pending.shift()) await perform(task);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  signal?.throwIfAborted();
  return { records: tasks.flatMap(({ config }) => records.get(runName(config)) ?? []), failed };
}
