import { deserialize } from 'node:v8';
import type { Job, Queue, QueueEvents } from 'bullmq';
import { sha256 } from '../../files/sha256.js';
import { packDataset } from '../packDataset.js';
import { runName } from '../runPlan.js';
import type { ComputedRun, PlannedRun, RunFollowers, RunPlace, Source } from '../runPlace.js';
import { getBlob, keepBlob, putBlob, removeBlob } from './blobs.js';
import type { QueueConnection } from './connectQueue.js';
import { writeFolder } from './folderFiles.js';
import {
  datasetKey,
  queuedRunId,
  queueName,
  type QueuedProgress,
  type QueuedResult,
  type QueuedRun,
} from './queuedRun.js';

/** How often a run is begun that a machine, and not the run itself, may have failed. */
const ATTEMPTS = 3;
/** Milliseconds before the second attempt; twice that before the third. */
const BACKOFF = 5_000;
/** Milliseconds between two looks at all runs, in case an event was lost. */
const REVIEW = 15_000;
/** Runs that are looked at together. */
const TOGETHER = 50;
/** Events that the queue keeps, for a comparison that was cut off; what it misses, the next review finds. */
const EVENTS = 1_000;
/** Seconds for which a result that nobody has taken is kept: a week. */
const LIFE = 7 * 24 * 3600;
/** Milliseconds in which runs can be withdrawn. */
const WITHDRAWAL = 5_000;

export interface QueuePlaceOptions {
  connection: QueueConnection;
  /** Of this package. */
  version: string;
  /** Vectors of 256 bits; 'auto': where a worker has them. */
  wide: boolean | 'auto';
  /** Does not take results of an earlier comparison that are still in the queue. */
  fresh: boolean;
  /** Hears what people should know. */
  onNotice: (text: string) => void;
}

/** A run that a worker is to compute. */
interface Pending {
  id: string;
  data: QueuedRun;
  run: PlannedRun;
  followers: RunFollowers;
  /** The worker that is known to compute it. */
  where: string;
  /** Whether it has been in the queue since this comparison began. */
  entered: boolean;
  /** Whether somebody looks after it at this moment, and has to do so again. */
  busy: boolean;
  again: boolean;
  resolve: (computed: ComputedRun) => void;
  reject: (error: Error) => void;
}

/**
 * The workers of a queue. A run has its id from what it is, so a comparison that is started again finds those that it, or
 * workers since, left there. Close it when the comparison has ended.
 */
export class QueuePlace implements RunPlace {
  private readonly pending = new Map<string, Pending>();
  private readonly queue: Queue<QueuedRun, string>;
  private readonly events: QueueEvents;
  /** Hashes of the data sets that are in the queue, by name. */
  private readonly datasets = new Map<string, { source: Source; hash: Promise<string> }>();
  private readonly withdrawn: Promise<unknown>[] = [];
  private readonly timer = setInterval(() => void this.review(), REVIEW);

  constructor(private readonly options: QueuePlaceOptions) {
    const { bullmq, redis, gone } = options.connection;
    const name = queueName(options.version);
    const connection = options.connection.options;
    this.queue = new bullmq.Queue(name, { connection, streams: { events: { maxLen: EVENTS } } });
    this.events = new bullmq.QueueEvents(name, { connection });
    // Connections come back by themselves, or `gone` says that they do not.
    this.queue.on('error', () => undefined);
    this.events.on('error', () => undefined);
    const look = ({ jobId }: { jobId: string }) => {
      const pending = this.pending.get(jobId);
      if (pending) void this.attend(pending);
    };
    this.events.on('completed', look).on('failed', look);
    this.events.on('progress', ({ jobId, data }) => this.follow(jobId, data as QueuedProgress));
    this.events.on('stalled', ({ jobId }) => this.tellStalled(jobId));
    redis.on('ready', () => void this.review());
    gone.addEventListener('abort', () => this.rejectAll(gone.reason as Error), { once: true });
  }

  prepare: RunPlace['prepare'] = (runs) => ({
    atOnce: runs,
    places: `computed by the workers at ${this.options.connection.address}`,
    compute: (run, followers) => this.compute(run, followers),
  });

  /** Withdraws what no worker has begun, if the comparison was given up, and disconnects. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    const late = new Promise((resolve) => setTimeout(resolve, WITHDRAWAL).unref());
    await Promise.race([late, Promise.all(this.withdrawn)]);
    await Promise.race([late, Promise.all([this.queue.close(), this.events.close()])]);
  }

  private async compute(run: PlannedRun, followers: RunFollowers): Promise<ComputedRun> {
    const { connection, wide } = this.options;
    connection.gone.throwIfAborted();
    const data: QueuedRun = { config: run.config, dataset: await this.send(run.source), wide };
    followers.signal?.throwIfAborted();
    const id = queuedRunId(data);
    return new Promise((resolve, reject) => {
      const withdraw = () => {
        this.pending.delete(id);
        this.withdrawn.push(this.queue.remove(id).catch(() => undefined)); // a worker has begun with it
        reject(followers.signal!.reason as Error);
      };
      const settle = () => {
        this.pending.delete(id);
        followers.signal?.removeEventListener('abort', withdraw);
      };
      followers.signal?.addEventListener('abort', withdraw, { once: true });
      const pending: Pending = {
        ...{ id, data, run, followers, where: '', entered: false, busy: false, again: false },
        resolve: (computed) => (settle(), resolve(computed)),
        reject: (error) => (settle(), reject(error)),
      };
      this.pending.set(id, pending);
      void this.attend(pending);
    });
  }

  /** Puts a data set into the queue, once. */
  private send(source: Source): Promise<string> {
    const { name } = source.dataset;
    let sent = this.datasets.get(name);
    if (!sent) this.datasets.set(name, (sent = { source, hash: this.put(source) }));
    return sent.hash;
  }

  private async put({ dataset }: Source): Promise<string> {
    const { redis } = this.options.connection;
    const bytes = packDataset(dataset);
    const hash = await sha256(bytes);
    const key = datasetKey(hash);
    if (!(await keepBlob(redis, key))) await putBlob(redis, key, bytes);
    return hash;
  }

  /** Looks after a run: brings it into the queue, or takes its result. */
  private async attend(pending: Pending): Promise<void> {
    pending.again = true;
    if (pending.busy) return;
    pending.busy = true;
    try {
      while (pending.again && this.pending.get(pending.id) === pending) {
        pending.again = false;
        await this.look(pending);
      }
    } catch (error) {
      if (this.pending.get(pending.id) === pending) pending.reject(error as Error);
    } finally {
      pending.busy = false;
    }
  }

  private async look(pending: Pending): Promise<void> {
    const { id, entered } = pending;
    const state = await this.queue.getJobState(id);
    // After the state: a run that ends between the two is looked at again, as its event is still to come.
    const job = await this.queue.getJob(id);
    pending.entered = true;
    if (!job || state === 'unknown') return this.enter(pending);
    if (state === 'active' && job.progress) this.follow(id, job.progress as QueuedProgress);
    if (state !== 'completed' && state !== 'failed') return;
    // Left by an earlier comparison.
    if (!entered && (state === 'failed' || this.options.fresh)) return this.enter(pending);
    if (state === 'completed') return this.take(pending, job);
    await this.queue.remove(id);
    pending.reject(new Error(job.failedReason));
  }

  private async enter({ id, data }: Pending): Promise<void> {
    await this.queue.remove(id);
    await this.queue.add(runName(data.config), data, {
      ...{ jobId: id, attempts: ATTEMPTS, backoff: { type: 'exponential', delay: BACKOFF } },
      ...{ removeOnComplete: { age: LIFE }, removeOnFail: { age: LIFE }, stackTraceLimit: 0 },
    });
  }

  private async take(pending: Pending, job: Job<QueuedRun, string>): Promise<void> {
    const { redis } = this.options.connection;
    const { id, run } = pending;
    const key = job.returnvalue;
    const bytes = await getBlob(redis, key);
    if (!bytes) {
      this.options.onNotice(`${runName(run.config)}: its result is not in the queue any more; it is computed again`);
      return this.enter(pending);
    }
    const { result, computedBy, files } = deserialize(bytes) as QueuedResult;
    await writeFolder(run.folder, files);
    // What cannot be removed now goes in a week.
    const release = async () => {
      await this.queue.remove(id).catch(() => undefined);
      await removeBlob(redis, key).catch(() => undefined);
    };
    pending.resolve({ result, computedBy, release });
  }

  /** Tells a run's followers who computes it, and how far it is. */
  private follow(id: string, { host, pid, progress }: QueuedProgress): void {
    const pending = this.pending.get(id);
    if (!pending) return;
    const where = `${host} ${pid}`;
    if (where !== pending.where) pending.followers.onStart({ host, pid });
    pending.where = where;
    if (progress) pending.followers.onProgress(progress);
  }

  private tellStalled(id: string): void {
    const pending = this.pending.get(id);
    if (!pending) return;
    const host = pending.where.split(' ')[0] || 'its worker';
    pending.where = '';
    this.options.onNotice(`${runName(pending.run.config)}: ${host} has fallen silent; another worker takes it over`);
  }

  /** Looks at everything that is under way: an event, a run or a data set may have been lost with a connection or a Redis. */
  private async review(): Promise<void> {
    const { redis } = this.options.connection;
    try {
      for (const { source, hash } of this.datasets.values()) {
        if (!(await keepBlob(redis, datasetKey(await hash)))) await this.put(source);
      }
      const runs = [...this.pending.values()];
      for (let at = 0; at < runs.length; at += TOGETHER) {
        await Promise.all(runs.slice(at, at + TOGETHER).map((pending) => this.attend(pending)));
      }
    } catch (error) {
      this.rejectAll(error as Error);
    }
  }

  private rejectAll(error: Error): void {
    for (const pending of [...this.pending.values()]) pending.reject(error);
  }
}
