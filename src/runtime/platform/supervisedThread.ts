// Threads of Deno and Bun, where a busy thread can in no way learn of another's end: what would tell it are events. So one
// more thread starts them, has time for their events, and writes their ends into shared memory.

import { Worker } from 'node:worker_threads';
import type { StartThread } from '../thread.js';
import { threadSource } from './nodeThread.js';

const supervisorSource = `
const { parentPort, Worker } = require('node:worker_threads');
const workers = new Map();
parentPort.on('message', ({ id, source, message, ended }) => {
  if (source === undefined) {
    workers.get(id)?.terminate();
    return;
  }
  const worker = new Worker(source, { eval: true });
  workers.set(id, worker);
  const die = (died) => {
    workers.delete(id);
    if (Atomics.exchange(ended, 0, 1) === 0) parentPort.postMessage({ id, died });
  };
  worker.once('message', () => parentPort.postMessage({ id }));
  worker.once('error', (error) => die(error instanceof Error ? error.message : String(error)));
  worker.once('exit', (code) => die('it ended with exit code ' + code));
  worker.postMessage(message);
});`;

interface Supervised {
  started(): void;
  died(reason: string): void;
}

/** The supervisor of all threads, from the first one on, and who waits for word of which. */
let supervisor: Worker | undefined;
const supervised = new Map<number, Supervised>();
let count = 0;

function startSupervisor(): Worker {
  const worker = new Worker(supervisorSource, { eval: true, name: 'primal-attention supervisor' });
  worker.on('message', ({ id, died }: { id: number; died?: string }) => {
    if (died === undefined) supervised.get(id)?.started();
    else supervised.get(id)?.died(died);
  });
  // The process ends by itself.
  worker.unref();
  return worker;
}

/** Starts a thread by way of the supervisor. */
export const startSupervisedThread: StartThread = (message, started, died) => {
  const worker = (supervisor ??= startSupervisor());
  const id = count++;
  const ended = new Int32Array(new SharedArrayBuffer(4));
  const end = new Promise<void>((resolve) => {
    supervised.set(id, {
      started,
      died(reason) {
        supervised.delete(id);
        died(reason);
        resolve();
      },
    });
  });
  worker.postMessage({ id, source: threadSource, message, ended });
  return {
    alive: () => Atomics.load(ended, 0) === 0,
    terminate() {
      worker.postMessage({ id });
      return end;
    },
  };
};
