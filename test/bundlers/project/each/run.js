// A program for Node, Deno and Bun: prints what `answer` came to. Its argument is the options of that, as JSON.

import { answer } from './answer.js';

console.log(JSON.stringify(await answer(JSON.parse(process.argv[2] ?? '{}'))));
