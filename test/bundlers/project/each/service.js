// A service worker: sends what `answer` came to, by the options that it is sent, to the page that sent them.

import { answer } from './answer.js';

self.onmessage = (event) =>
  event.waitUntil(
    answer(event.data).then(
      (answered) => event.source.postMessage(answered),
      ({ message }) => event.source.postMessage({ error: message }),
    ),
  );
