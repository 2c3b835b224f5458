// Threads of Node.

import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { workerSource } from '../generated/worker.js';
import type { StartThread } from '../thread.js';

/** worker.ts is written for browsers' workers. */
export const threadSource = `
const { parentPort } = require('node:worker_threads');
globalThis.self = { postMessage: (message) => parentPort.postMessage(message) };
parentPort.once('message', (data) => self.onmessage({ data }));
${workerSource}`;

/** Starts a thread from text, which needs no path. */
export const startNodeThread: StartThread = (message, started, died) => {
  const line = new MessageChannel();
  const worker = new Worker(threadSource, {
    ...{ eval: true, execArgv: [], name: 'primal-attention' },
    ...{ workerData: line.port2, transferList: [line.port2] },
  });
  worker.once('message', started);
  worker.once('error', (error) => died(error instanceof Error ? error.message : String(error)));
  worker.once('exit', (code) => died(`it ended with exit code ${code}`));
  worker.postMessage(message);
  // The process ends by itself.
  worker.unref();
  let port: MessagePort = line.port1;
  const ferry = new MessageChannel();
  return {
    // Node closes a thread's ports as the last thing. This end learns it from a note in its queue, which reading takes
    // off, and a closed port cannot be transferred.
    alive() {
      receiveMessageOnPort(port);
      try {
        ferry.port1.postMessage(port, [port]);
      } catch {
        return false;
      }
      port = (receiveMessageOnPort(ferry.port2) as { message: MessagePort }).message;
      return true;
    },
    terminate: () => worker.terminate(),
  };
};
