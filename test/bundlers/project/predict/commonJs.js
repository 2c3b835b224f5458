// run.js without top-level await, which bundles in CommonJS do not have.

import { answer } from './answer.js';

answer(JSON.parse(process.argv[2] ?? '{}')).then((answered) => console.log(JSON.stringify(answered)));
