import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import type { Job } from 'bullmq';
import type { RunConfig } from '../runConfig.js';
import { runInProcess, RunError } from '../runProcess.js';
import { putBlob, removeBlob } from './blobs.js';
import type { QueueConnection } from './connectQueue.js';
import { cachedDataset } from './datasetCache.js';
import { readFolder } from './folderFiles.js';
import { queueName, type QueuedProgress, type QueuedResult, type QueuedRun, resultKey } from './queuedRun.js';
import { announce } from './registry.js';

/** Milliseconds between two reports of a run's progress. */
const REPORT = 500;
/** How often a run is taken over from workers that fell silent before it counts as failed: it may be what ends them. */
const TAKEOVERS = 10;
/** Milliseconds after which something that Redis did not do is tried again. */
const RETRY = 1_000;

/** What happens in a worker. */
export type WorkerEvent =
  | { kind: 'fetching'; run: RunConfig }
  | { kind: 'started'; run: RunConfig }
  | { kind: 'finished'; run: RunConfig; seconds: number }
  | { kind: 'failed'; run: RunConfig; error: string }
  /** Given back to the queue, or lost to another worker. */
  | { kind: 'given up'; run: RunConfig; reason: string };

export interface QueueWorkerOptions {
  connection: QueueConnection;
  /** Of this package. */
  version: string;
  /** Runs at a time. */
  concurrency: number;
  /** Threads of each. */
  threads: number;
  /** Seconds of silence after which a worker's runs go to others. */
  takeover: number;
  /** 256-bit vectors for runs that leave it open; default 'auto'. A comparison that says so itself is obeyed. */
  wide?: boolean | 'auto';
  onEvent: (event: WorkerEvent) => void;
  /** How a run is computed. Default: in a process of its own. */
  compute?: typeof runInProcess;
  /** Name of the machine. Default: as the system has it. */
  host?: string;
}

/** A worker that has begun. */
export interface QueueWorker {
  /** Takes no more runs, and ends with those that it has. */
  finish: () => Promise<void>;
  /** Takes no more runs, and gives those that it has back to the queue, for others to take at once. */
  giveBack: () => Promise<void>;
}

const GIVEN_BACK = 'given back to the queue';
const LOST = 'another worker has taken it over, as this one could not be reached';

/**
 * Computes runs of a queue, each in a process of its own, until it is told to stop.
 *
 * @param options see QueueWorkerOptions
 */
export async function startQueueWorker(options: QueueWorkerOptions): Promise<QueueWorker> {
  const { connection, version, concurrency, threads, takeover, onEvent } = options;
  const { compute = runInProcess, host = hostname() } = options;
  const { bullmq, redis, gone } = connection;
  /** Results by the ids of their jobs, until the queue has taken them or refused to. */
  const offered = new Map<string, { run: RunConfig; key: string; seconds: number }>();

  /** Computes a run; rejects if `signal` is aborted. */
  async function perform(job: Job<QueuedRun, string>, token: string, signal: AbortSignal): Promise<string> {
    const { config, dataset, wide: asked } = job.data;
    const wide = asked === 'auto' ? (options.wide ?? asked) : asked;
    const report = (progress?: QueuedProgress['progress']) => {
      const said: QueuedProgress = { host, pid: process.pid, ...(progress && { progress }) };
      // A run that was lost to another worker has no progress any more.
      void job.updateProgress(said).catch(() => undefined);
    };
    onEvent({ kind: 'started', run: config });
    report();
    let reported = performance.now();
    const source = await cachedDataset(redis, dataset, () => onEvent({ kind: 'fetching', run: config }));
    const folder = await mkdtemp(join(tmpdir(), 'primal-attention-run-'));
    try {
      const { result, arithmetic } = await compute(
        { source, packed: true, config, folder, threads, wide },
        {
          signal,
          onStart: () => {},
          onProgress(progress) {
            if (performance.now() - reported < REPORT) return;
            reported = performance.now();
            report(progress);
          },
        },
      );
      signal.throwIfAborted();
      const computed: QueuedResult = { result, computedBy: { host, ...arithmetic }, files: await readFolder(folder) };
      const key = resultKey(job.id!, token);
      await putBlob(redis, key, serialize(computed));
      offered.set(job.id!, { run: config, key, seconds: result.seconds });
      return key;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  const worker = new bullmq.Worker<QueuedRun, string>(
    queueName(version),
    async (job, token, signal) => {
      const { config } = job.data;
      try {
        return await perform(job, token!, signal!);
      } catch (error) {
        if (signal!.aborted) {
          const reason = String(signal!.reason);
          onEvent({ kind: 'given up', run: config, reason });
          if (reason !== GIVEN_BACK) throw error;
          await job.moveToWait(token);
          throw new bullmq.WaitingError();
        }
        const { message } = error as Error;
        onEvent({ kind: 'failed', run: config, error: message });
        if (error instanceof RunError && !error.elsewhere) throw new bullmq.UnrecoverableError(message);
        throw new Error(`on ${host}: ${message}`, { cause: error });
      }
    },
    {
      ...{ connection: connection.options, concurrency, name: host, maxStalledCount: TAKEOVERS, runRetryDelay: RETRY },
      ...{ lockDuration: 1000 * takeover, stalledInterval: 500 * takeover },
    },
  );
  worker.on('completed', ({ id }) => {
    const { run, seconds } = offered.get(id!)!;
    offered.delete(id!);
    onEvent({ kind: 'finished', run, seconds });
  });
  // Connections come back by themselves, or `gone` says that they do not. Of other errors one matters: the queue refuses a
  // result, as the run went to another worker.
  worker.on('error', ({ message }) => {
    for (const [id, { run, key }] of offered) {
      if (!message.includes(id)) continue;
      offered.delete(id);
      onEvent({ kind: 'given up', run, reason: LOST });
      void removeBlob(redis, key).catch(() => undefined); // it would go in a week
    }
  });
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id, LOST);
  });
  gone.addEventListener('abort', () => worker.cancelAllJobs(LOST), { once: true });
  const leave = await announce(redis, 'workers', { version, concurrency, host });

  const finish = async () => {
    await worker.close();
    await leave();
  };
  return {
    finish,
    giveBack() {
      const finished = finish();
      worker.cancelAllJobs(GIVEN_BACK);
      return finished;
    },
  };
}
