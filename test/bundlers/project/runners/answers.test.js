// For Jest and Vitest: writes what the programs say to the file that ANSWERS names.
/* global test */

import { writeFileSync } from 'node:fs';
import { answer as main } from '../main/answer.js';
import { answer as predict } from '../predict/answer.js';

test('answers', async () => {
  const said = {};
  for (const [part, answer] of Object.entries({ main, predict })) {
    said[part] = await answer().catch(({ message }) => ({ error: message }));
  }
  writeFileSync(process.env.ANSWERS, JSON.stringify(said));
}, 60_000);
