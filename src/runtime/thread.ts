// A worker thread of Node or of a browser, as the thread that starts it sees it.

import { isNode } from './features.js';
import { workerSource } from './generated/worker.js';
import { nodeModule } from '../nodeModule.js';

/** A thread that runs worker.ts. */
export interface Thread {
  /**
   * Whether it is still there, asked by a thread that is too busy to get events, and has waited `silence` milliseconds
   * for it.
   */
  alive(silence: number): boolean;
  terminate(): Promise<unknown>;
}

/** Starts a thread on `message`; `started` is called when it is ready, `died` when it ends for whatever reason. */
type StartThread = (message: object, started: () => void, died: (reason: string) => void) => Thread;

/** Whether this thread may sleep: a page's main thread may not. */
export const maySleep = isNode || typeof document === 'undefined';

/**
 * While this thread computes, a browser cannot tell it of another's end, nor bring one about at its wish: Chromium ends
 * workers from the thread that started them. Should it happen all the same, a thread silent for this long counts as dead.
 */
const SILENCE_MS = 20_000;

/** How threads are started here. */
export async function threadStarter(): Promise<StartThread> {
  if (!isNode) return startInBrowser;
  const { MessageChannel, receiveMessageOnPort, Worker } = await nodeModule('node:worker_threads');
  return (message, started, died) => {
    const line = new MessageChannel();
    const worker = new Worker(workerSource, {
      ...{ eval: true, execArgv: [], name: 'primal-attention' },
      ...{ workerData: line.port2, transferList: [line.port2] },
    });
    worker.once('message', started);
    worker.once('error', (error) => died(error instanceof Error ? error.message : String(error)));
    worker.once('exit', (code) => died(`it ended with exit code ${code}`));
    worker.postMessage(message);
    // The process ends by itself.
    worker.unref();
    let port: MessagePort = line.port1 as unknown as MessagePort;
    return {
      // Node closes a thread's ports as the last thing. This end learns it from a note in its queue, which reading takes
      // off, and a closed port cannot be transferred.
      alive() {
        receiveMessageOnPort(port as unknown as typeof line.port1);
        try {
          [port] = structuredClone([port], { transfer: [port] });
          return true;
        } catch {
          return false;
        }
      },
      terminate: () => worker.terminate(),
    };
  };
}

/**
 * A browser gives no event for a worker that something else ended, but then a lock becomes free that the worker held for
 * life (Web Locks).
 */
const startInBrowser: StartThread = (message, started, died) => {
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  const worker = new Worker(url);
  const lock = `primal-attention thread ${crypto.randomUUID()}`;
  const ended = () => died('something ended it');
  worker.onmessage = () => {
    URL.revokeObjectURL(url);
    navigator.locks.request(lock, ended).catch(ended);
    started();
  };
  worker.onerror = ({ message: reason }) => died(reason || 'its code did not load');
  worker.postMessage({ ...message, lock });
  return {
    alive: (silence) => silence < SILENCE_MS,
    terminate() {
      worker.terminate();
      return Promise.resolve();
    },
  };
};
