import { createHash } from 'node:crypto';
import type { RunConfig } from '../runConfig.js';
import type { ComputedBy } from '../runStore.js';
import type { RunProgress, RunResult } from '../trainRun.js';
import type { FolderFiles } from './folderFiles.js';

/** What a run is in the queue. */
export interface QueuedRun {
  config: RunConfig;
  /** Hash of the packed data set, which is under `datasetKey`. */
  dataset: string;
  /** Vectors of 256 bits; 'auto': where the worker has them. */
  wide: boolean | 'auto';
}

/** What a worker says while it computes a run: who it is, and how far it is, if an epoch is done. */
export interface QueuedProgress {
  host: string;
  pid: number;
  progress?: RunProgress;
}

/** What it gives at the end, packed in a blob whose key is the value that the job returns. */
export interface QueuedResult {
  result: RunResult;
  computedBy: ComputedBy;
  /** Of the folder of the model. */
  files: FolderFiles;
}

const PREFIX = 'primal-attention';

/** Name of the queue: workers take only runs of their own version. */
export const queueName = (version: string) => `${PREFIX}-${version}`;

/** @param hash of a packed data set */
export const datasetKey = (hash: string) => `${PREFIX}:dataset:${hash}`;

/**
 * @param id of a run
 * @param token of the worker that computed it: of two that did, each has its own
 */
export const resultKey = (id: string, token: string) => `${PREFIX}:result:${id}:${token}`;

/** Where the processes of a kind say that they are there. */
export const registryKey = (kind: string) => `${PREFIX}:${kind}`;

/** Of what a run is, so that the same command finds it again: data, options, seed, version. */
export function queuedRunId({ config, wide }: Pick<QueuedRun, 'config' | 'wide'>): string {
  const content = JSON.stringify([Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)), wide]);
  return `run-${createHash('sha256').update(content).digest('hex').slice(0, 32)}`;
}
