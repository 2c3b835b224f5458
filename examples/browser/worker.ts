// All that computes runs here, so that the page stays free.

import * as pa from 'primal-attention';
import type { Reply, Request } from './messages.js';
import { Session } from './session.js';

const reply = (message: Reply) => self.postMessage(message);
const session = new Session();
let training: AbortController | undefined;

/** Milliseconds between two reports of a run. */
const REPORT = 100;

async function train({ form, epochs, width, threads }: Extract<Request, { type: 'train' }>): Promise<void> {
  reply({ type: 'info', info: await pa.init({ threads }) });
  training = new AbortController();
  let reported = 0;
  const report = (progress: pa.Progress) => {
    if (performance.now() - reported < REPORT) return;
    reported = performance.now();
    reply({ type: 'batch', progress });
  };
  const model = await session.train(form, {
    epochs,
    width,
    signal: training.signal,
    onBatchEnd: report,
    onEpochEnd: (progress) => reply({ type: 'epoch', progress }),
  });
  reply({ type: 'model', model });
}

async function answer(request: Request): Promise<void> {
  switch (request.type) {
    case 'start': {
      const info = await pa.init();
      reply({ type: 'ready', info, ...(await session.start('/JapaneseVowels/JapaneseVowels')) });
      break;
    }
    case 'train':
      await train(request);
      break;
    case 'stop':
      training?.abort();
      break;
    case 'open':
      reply({ type: 'model', model: await session.open(request.files) });
      break;
    case 'show':
      reply({ type: 'case', shown: session.show(request.index) });
      break;
  }
}

self.onmessage = ({ data }: MessageEvent<Request>) => {
  answer(data).catch((error: Error) => reply({ type: 'failed', message: error.message }));
};
