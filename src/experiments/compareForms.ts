import { join } from 'node:path';
import { kindOf } from '../data/labelledData.js';
import { pickProperties } from '../pickProperties.js';
import { taskOf } from '../training/tasks/taskOf.js';
import { type ClassifierSizes, withSizes } from './classifierSizes.js';
import { fingerprint } from './fingerprint.js';
import { localPlace } from './localPlace.js';
import { forecastNames, type Protocol, protocolOf, type RunConfig } from './runConfig.js';
import type { RunPlace, Source, Whereabouts } from './runPlace.js';
import { runName } from './runPlan.js';
import { type RunRecord, RunStore } from './runStore.js';
import type { RunProgress } from './trainRun.js';

export interface CompareOptions extends Protocol, Pick<RunConfig, (typeof forecastNames)[number] | 'patchSize'> {
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
  /** Where the runs are computed. Default: processes of this machine, one for each core, see localPlace. */
  place?: RunPlace;
  /** Repeats runs that are already finished. */
  fresh?: boolean;
  /** Ends the running processes; finished runs stay. */
  signal?: AbortSignal;
  onEvent?: (event: CompareEvent) => void;
}

/** What happens in a comparison. */
export type CompareEvent =
  | { kind: 'planned'; runs: readonly RunConfig[]; found: number; places: string }
  | { kind: 'again'; run: RunConfig; reason: string }
  | { kind: 'started'; run: RunConfig; where: Whereabouts }
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

interface Task {
  source: Source;
  config: RunConfig;
}

/** All runs, by data set, seed and form, so that those which a paired test compares come one after the other. */
function plan({ data, forms, seeds, sizes, version, ...options }: CompareOptions): Task[] {
  const tasks: Task[] = [];
  for (const source of data) {
    const { dataset } = source;
    const { name, train } = dataset;
    if (tasks.some(({ config }) => config.data === name)) {
      throw new Error(`${source.source}: a data set named ${name} is already in the comparison; names must differ`);
    }
    const kind = kindOf(train);
    const task = taskOf('compare', train).name;
    const settings = {
      ...protocolOf(options),
      ...withSizes(kind, sizes),
      ...(kind === 'images' && { patchSize: options.patchSize }),
      ...(task === 'forecasting' && { ...pickProperties(options, forecastNames), validation: 0 }),
    };
    const common = { version, data: name, task, fingerprint: fingerprint(dataset), ...settings };
    for (let seed = 0; seed < seeds; seed++) {
      for (const form of forms) tasks.push({ source, config: { ...common, form, seed } });
    }
  }
  return tasks;
}

/**
 * Performs all runs of a comparison, data sets x forms x seeds, each in a process of its own, here or elsewhere; see
 * trainRun for what a run is. A run that is already finished in the folder, with an equal configuration, is not repeated.
 * One that fails does not stop the others.
 *
 * @param options see CompareOptions
 * @throws Error if two data sets have the same name; the file system's errors; the signal's reason, if it was aborted
 */
export async function compareForms(options: CompareOptions): Promise<Comparison> {
  const { output, place = localPlace({}), fresh = false, signal, onEvent = () => {} } = options;
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
  const { atOnce, places, compute } = place.prepare(pending.length);
  onEvent({ kind: 'planned', runs: tasks.map(({ config }) => config), found: records.size, places });
  reasons.forEach(onEvent);
  for (const record of records.values()) onEvent({ kind: 'finished', run: record.config, record, found: true });

  const perform = async ({ source, config: run }: Task) => {
    try {
      await store.clear(run);
      const { result, computedBy, release } = await compute(
        { source, config: run, folder: store.modelFolder(run) },
        {
          signal,
          onStart: (where) => onEvent({ kind: 'started', run, where }),
          onProgress: (progress) => onEvent({ kind: 'progress', run, progress }),
        },
      );
      const record = { config: run, ...result, ...(computedBy && { computedBy }) };
      await store.keep(record);
      await release?.();
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
  await Promise.all(Array.from({ length: atOnce }, worker));
  signal?.throwIfAborted();
  return { records: tasks.flatMap(({ config }) => records.get(runName(config)) ?? []), failed };
}
