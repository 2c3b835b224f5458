// Threads of browsers: a worker from a file of the same origin.

import { workerSource } from '../generated/worker.js';
import type { StartThread, Threads } from '../thread.js';

/** Should a thread end in a way that nothing tells of, one that is silent for this long counts as dead. */
const SILENCE_MS = 20_000;

/** The worker's file, written out: bundlers that know this form put it beside the bundle. */
const fromFile = () => new Worker(new URL('../worker.js', import.meta.url), { type: 'module' });

/** The same from a text, where there is no such file; a page's policy may forbid it. */
function fromText(): Worker {
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  try {
    return new Worker(url);
  } finally {
    // The worker has it by then, or never.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}

/**
 * Starts a worker with the code of worker.ts, from its file, else from a text.
 *
 * @param ready is called when it has answered the message
 * @returns ends it
 */
function startWorker(message: object, ready: (worker: Worker) => void, failed: (reason: string) => void): () => void {
  let worker: Worker | undefined;
  const start = (make: () => Worker, otherwise: (reason: string) => void) => {
    try {
      worker = make();
    } catch (error) {
      otherwise((error as Error).message);
      return;
    }
    const own = worker;
    own.onmessage = () => ready(own);
    own.onerror = (event) => {
      event.preventDefault();
      otherwise(event.message);
    };
    own.postMessage(message);
  };
  start(fromFile, () => start(fromText, (reason) => failed(reason || 'its code did not load')));
  return () => worker?.terminate();
}

/** One more worker, there while threads are: it has time to learn of their ends while this thread computes. */
class Watcher {
  private static current: Watcher | undefined;
  private threads = 0;
  private end: (() => void) | undefined;
  /** Undefined where it does not start: threads go on without, then. */
  private readonly worker = new Promise<Worker | undefined>((resolve) => {
    this.end = startWorker({ watch: undefined }, resolve, () => resolve(undefined));
  });

  /** The one that is there, or a new one, until it is released. */
  static take(): Watcher {
    const watcher = (Watcher.current ??= new Watcher());
    watcher.threads++;
    return watcher;
  }

  release(): void {
    if (--this.threads > 0) return;
    this.end?.();
    Watcher.current = undefined;
  }

  /** Has it note the end of a thread. */
  async watch(life: object): Promise<void> {
    (await this.worker)?.postMessage({ watch: life });
  }
}

/**
 * Starts a worker. A browser gives no event for one that something else ended, but then a lock becomes free that the worker
 * held for life (Web Locks).
 */
const startWebThread: StartThread = (message, started, died) => {
  const life = {
    lock: `primal-attention thread ${crypto.randomUUID()}`,
    ended: new Int32Array(new SharedArrayBuffer(4)),
  };
  let isReady = false;
  const ready = (worker: Worker) => {
    isReady = true;
    worker.onerror = ({ message: reason }) => died(reason);
    const ended = () => {
      watcher.release();
      died('something ended it');
    };
    navigator.locks.request(life.lock, { mode: 'shared' }, ended).catch(ended);
    void watcher.watch(life).then(started);
  };
  const end = startWorker({ ...message, life }, ready, died);
  const watcher = Watcher.take();
  return {
    alive: (silence) => Atomics.load(life.ended, 0) === 0 && silence < SILENCE_MS,
    terminate() {
      end();
      // Nothing tells of the end of one that never began.
      if (!isReady) watcher.release();
      return Promise.resolve();
    },
  };
};

export const webThreads: Threads = {
  whyNoThreads() {
    if (!(globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated) {
      return 'the page is not cross-origin isolated (its server must send COOP and COEP headers)';
    }
    if (typeof SharedArrayBuffer === 'undefined') return 'the browser has no SharedArrayBuffer';
    if (typeof Worker === 'undefined') return 'there are no workers here, as in a service worker';
    if (!('locks' in navigator)) return 'the browser has no Web Locks, by which a thread that died is noticed';
    return undefined;
  },
  startThread: startWebThread,
  maySleep: typeof document === 'undefined',
  awaitsThreads: false,
};
