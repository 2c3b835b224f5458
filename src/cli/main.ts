#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { UnknownNameError } from '../checks/unknownNameError.js';
import { benchCommand } from './bench.js';
import { compareCommand } from './compare.js';
import { evaluateCommand } from './evaluate.js';
import { infoCommand } from './info.js';
import { inspectCommand } from './inspect.js';
import { InterruptedError } from './interruption.js';
import { packageFacts } from './packageFacts.js';
import { predictCommand } from './predict.js';
import { keepStandardStreams } from './standardStreams.js';
import { trainCommand } from './train.js';
import { UsageError } from './usageError.js';

/** Exit status; 0 is done. */
const FAILED = 1;
const WRONG_USE = 2;

function statusOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.status;
  return error instanceof UnknownNameError || error instanceof UsageError ? WRONG_USE : FAILED;
}

function createProgram(): Command {
  const { version, description } = packageFacts();
  const program = new Command('primal-attention').description(description).version(version);
  const commands = [
    trainCommand(),
    evaluateCommand(),
    predictCommand(),
    compareCommand(),
    inspectCommand(),
    benchCommand(),
    infoCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands]) {
    command.exitOverride().showHelpAfterError('(add --help for the options)');
  }
  return program;
}

async function main(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has printed its message; help and version end with 0.
      process.exitCode = error.exitCode === 0 ? 0 : WRONG_USE;
      return;
    }
    report(error);
  }
}

/** Says in one line what went wrong; users have no use for a stack trace. */
function report(error: unknown): void {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = statusOf(error);
}

keepStandardStreams();
// What escapes a command, such as the error of a stream, leaves it in no state to go on.
process.on('uncaughtException', (error) => {
  report(error);
  process.exit();
});
await main();
