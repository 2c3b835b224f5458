// Threads of browsers: a worker from a file of the same origin.

import { workerSource } from '../generated/worker.js';
import type { StartThread, Threads } from '../thread.js';

/**
 * While a page's thread computes, a browser cannot tell it of another's end, nor bring one about at its wish: Chromium ends
 * workers from the thread that started them. Should it happen all the same, a thread silent for this long counts as dead.
 */
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
 * Starts a worker. A browser gives no event for one that something else ended, but then a lock becomes free that the worker
 * held for life (Web Locks).
 */
const startWebThread: StartThread = (message, started, died) => {
  const lock = `primal-attention thread ${crypto.randomUUID()}`;
  const ended = () => died('something ended it');
  let worker: Worker | undefined;
  const fail = (reason: string) => died(reason || 'its code did not load');
  const start = (make: () => Worker, failed: (reason: string) => void) => {
    try {
      worker = make();
    } catch (error) {
      failed((error as Error).message);
      return;
    }
    worker.onmessage = () => {
      worker!.onerror = ({ message: reason }) => fail(reason);
      navigator.locks.request(lock, ended).catch(ended);
      started();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      failed(event.message);
    };
    worker.postMessage({ ...message, lock });
  };
  start(fromFile, () => start(fromText, fail));
  return {
    alive: (silence) => silence < SILENCE_MS,
    terminate() {
      worker?.terminate();
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
