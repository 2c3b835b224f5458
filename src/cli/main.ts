#!/usr/bin/env node
import { report, run } from './run.js';
import { keepStandardStreams } from './standardStreams.js';

keepStandardStreams();
// What escapes a command, such as the error of a stream, leaves it in no state to go on.
process.on('uncaughtException', (error) => {
  process.exit(report(error));
});
const status = await run(process.argv.slice(2));
if (status !== 0) process.exitCode = status;
