// A worker thread: it holds the models, and answers requests batch by batch.

import { parentPort } from 'node:worker_threads';
import { answerRequests } from './answerRequests.js';
import type { FromWorker, ToWorker } from './messages.js';
import { type HostedModel, hostModel } from './modelHost.js';

const port = parentPort!;
const models = new Map<number, HostedModel>();
const say = (message: FromWorker) => port.postMessage(message);

async function take(message: ToWorker): Promise<void> {
  if (message.kind === 'load') {
    const { task } = message;
    try {
      const model = await hostModel(task);
      models.set(task.key, model);
      const { info, reader, inputs, outputs } = model;
      say({ kind: 'loaded', key: task.key, description: { info, reader, inputs, outputs } });
    } catch (error) {
      say({ kind: 'refused', key: task.key, error: (error as Error).message });
    }
  } else if (message.kind === 'unload') {
    models.get(message.key)?.predictor.dispose();
    models.delete(message.key);
  } else {
    say({ kind: 'answered', ...(await answerRequests(models.get(message.key)!, message.requests)) });
  }
}

// What it throws ends the thread; another one takes its place.
port.on('message', (message: ToWorker) => void take(message));
