// A worker of an edge runtime: says what `answer` came to.

import { answer } from './answer.js';

export default {
  fetch: () =>
    answer().then(
      (answered) => Response.json(answered),
      ({ message }) => Response.json({ error: message }),
    ),
};
