// Threads of Node, Deno and Bun.

import type { Threads } from '../thread.js';
import { startNodeThread } from './nodeThread.js';
import { startSupervisedThread } from './supervisedThread.js';

const supervised = 'Deno' in globalThis || 'Bun' in globalThis;

export const nodeThreads: Threads = {
  whyNoThreads: () => undefined,
  startThread: supervised ? startSupervisedThread : startNodeThread,
  maySleep: true,
  awaitsThreads: !supervised,
};
