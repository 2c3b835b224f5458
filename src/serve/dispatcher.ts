// The way of a request to a worker thread and back: a bounded queue, batches, time limits.

import type { ModelRepository, ModelVersion } from './models/modelRepository.js';
import { RequestError } from './requestError.js';
import type { Answer, BatchAnswers, InferenceRequest } from './worker/messages.js';
import type { WorkerPool } from './worker/workerPool.js';

/** Limits of a dispatcher. */
export interface DispatchLimits {
  /** Requests in a batch, at most. */
  maxBatch: number;
  /** Milliseconds that a request waits for others to share its batch, while threads are idle. */
  maxDelay: number;
  /** Requests that wait, at most. */
  maxQueue: number;
  /** Milliseconds until a request is given up. */
  timeout: number;
}

/** What a batch was. */
export interface BatchReport extends Pick<BatchAnswers, 'cases' | 'seconds'> {
  model: ModelVersion;
  requests: number;
  /** Seconds that each request has waited. */
  waited: number[];
}

/** How often a request is computed, if threads end meanwhile. */
const MOST_TRIES = 3;
/** Seconds after which a client may try again, at least and at most. */
const [SOONEST, LATEST] = [1, 30];

interface Job {
  version: ModelVersion;
  request: InferenceRequest;
  /** performance.now() of its arrival. */
  arrived: number;
  tries: number;
  timer: NodeJS.Timeout;
  settled: boolean;
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}

/** Gathers requests into batches, and has the pool's threads answer them. */
export class Dispatcher {
  private queue: Job[] = [];
  /** Of the next look at the queue: in this turn of the event loop, or when a request has waited for others long enough. */
  private soon: NodeJS.Immediate | undefined;
  private later: NodeJS.Timeout | undefined;
  /** Requests answered a second, of late. */
  private rate = 0;

  /**
   * @param pool its `onIdle` must call `pump`
   * @param onBatch hears of each batch that was answered
   */
  constructor(
    private readonly pool: WorkerPool,
    private readonly repository: ModelRepository,
    private readonly limits: DispatchLimits,
    private readonly onBatch: (report: BatchReport) => void = () => {},
  ) {}

  /** Requests that wait. */
  get waiting(): number {
    return this.queue.length;
  }

  /** @throws RequestError (503) if no more requests may wait */
  checkRoom(): void {
    if (this.queue.length < this.limits.maxQueue) return;
    const seconds = this.rate > 0 ? Math.ceil(this.queue.length / this.rate) : SOONEST;
    const retry = Math.min(LATEST, Math.max(SOONEST, seconds));
    throw new RequestError(503, `${this.queue.length} requests wait already, which is the limit; try again later`, {
      'retry-after': `${retry}`,
    });
  }

  /**
   * Has a request answered.
   *
   * @returns the answer, and a function to call when nobody waits for it any more
   * @throws RequestError (503) if the queue is full; the answer is one (504) if it takes too long, (500) if threads end on it
   */
  submit(version: ModelVersion, request: InferenceRequest): { answer: Promise<Answer>; cancel: () => void } {
    this.checkRoom();
    this.repository.hold(version);
    let job: Job;
    const answer = new Promise<Answer>((resolve, reject) => {
      const { timeout } = this.limits;
      job = {
        ...{ version, request, arrived: performance.now(), tries: 0, settled: false, resolve, reject },
        timer: setTimeout(() => this.fail(job, new RequestError(504, `no answer within ${timeout} ms`)), timeout),
      };
      this.queue.push(job);
      // Requests that arrive in the same turn of the event loop share a batch.
      this.soon ??= setImmediate(() => this.pump());
    });
    return { answer, cancel: () => this.fail(job, new RequestError(499, 'the client has gone')) };
  }

  private settle(job: Job): boolean {
    if (job.settled) return false;
    job.settled = true;
    clearTimeout(job.timer);
    this.repository.release(job.version);
    return true;
  }

  private fail(job: Job, error: Error): void {
    if (!this.settle(job)) return;
    const at = this.queue.indexOf(job);
    if (at >= 0) this.queue.splice(at, 1);
    job.reject(error);
  }

  /** Gives idle threads what waits. */
  pump(): void {
    clearImmediate(this.soon);
    clearTimeout(this.later);
    this.soon = undefined;
    const { maxBatch, maxDelay } = this.limits;
    while (this.queue.length > 0 && this.pool.idleCount > 0) {
      const [{ version, arrived, tries }] = this.queue;
      // What a thread has ended on is tried again by itself: it ends no other request.
      const same = this.queue.filter((job) => job.version === version && job.tries === 0);
      const age = performance.now() - arrived;
      if (maxDelay > age && same.length < maxBatch && tries === 0) {
        this.later = setTimeout(() => this.pump(), maxDelay - age);
        return;
      }
      const share = Math.min(maxBatch, Math.ceil(same.length / this.pool.idleCount));
      const batch = tries > 0 ? [this.queue[0]] : same.slice(0, share);
      const taken = new Set(batch);
      this.queue = this.queue.filter((job) => !taken.has(job));
      void this.run(version, batch);
    }
  }

  private async run(version: ModelVersion, batch: Job[]): Promise<void> {
    const thread = this.pool.take()!;
    const start = performance.now();
    for (const job of batch) job.tries++;
    // All of its requests are given up by then: whatever it does, it does not end.
    const watchdog = setTimeout(() => void thread.end(), this.limits.timeout);
    let result: BatchAnswers;
    try {
      result = await thread.answer(
        version.key,
        batch.map(({ request }) => request),
      );
    } catch (error) {
      this.retry(batch, error as Error);
      return;
    } finally {
      clearTimeout(watchdog);
    }
    this.pool.giveBack(thread);
    batch.forEach((job, index) => {
      if (this.settle(job)) job.resolve(result.answers[index]);
    });
    const seconds = (performance.now() - start) / 1000;
    this.rate += 0.1 * ((batch.length / seconds) * this.pool.size - this.rate);
    const waited = batch.map(({ arrived }) => (start - arrived) / 1000);
    this.onBatch({ model: version, requests: batch.length, waited, cases: result.cases, seconds: result.seconds });
  }

  /** The thread has ended: what it was to answer goes to another one. */
  private retry(batch: Job[], error: Error): void {
    const again = batch.filter(({ settled, tries }) => !settled && tries < MOST_TRIES);
    for (const job of batch) {
      if (!again.includes(job)) this.fail(job, new RequestError(500, error.message));
    }
    this.queue = [...again, ...this.queue];
    this.pump();
  }
}
