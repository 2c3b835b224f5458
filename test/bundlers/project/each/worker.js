// A worker of a page: posts what `answer` came to, by the options that it is sent.

import { answer } from './answer.js';

self.onmessage = ({ data }) =>
  answer(data).then(
    (answered) => self.postMessage(answered),
    ({ message }) => self.postMessage({ error: message }),
  );
