import { Command, CommanderError } from 'commander';
import { UnknownNameError } from '../checks/unknownNameError.js';
import { benchCommand } from './bench.js';
import { compareCommand } from './compare.js';
import { errorText } from './errorText.js';
import { evaluateCommand } from './evaluate.js';
import { exportCommand } from './export.js';
import { infoCommand } from './info.js';
import { inspectCommand } from './inspect.js';
import { InterruptedError } from './interruption.js';
import { packageFacts } from './packageFacts.js';
import { predictCommand } from './predict.js';
import { serveCommand } from './serve.js';
import { BROKEN_PIPE } from './standardStreams.js';
import { trainCommand } from './train.js';
import { UsageError } from './usageError.js';
import { workerCommand } from './worker.js';

/** Exit status; 0 is done. */
const FAILED = 1;
const WRONG_USE = 2;

function statusOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.status;
  return error instanceof UnknownNameError || error instanceof UsageError ? WRONG_USE : FAILED;
}

/** The program with all its commands; errors of the command line are thrown, after commander has told them. */
export function createProgram(): Command {
  const { version, description } = packageFacts();
  const program = new Command('primal-attention').description(description).version(version);
  const commands = [
    trainCommand(),
    evaluateCommand(),
    predictCommand(),
    exportCommand(),
    serveCommand(),
    compareCommand(),
    workerCommand(),
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

/**
 * Says what went wrong; users have no use for a stack trace.
 *
 * @returns the exit status
 */
export function report(error: unknown): number {
  // commander has told its own; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE;
  // Who waited for its reader learns so that there is none.
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'EPIPE') return BROKEN_PIPE;
  process.stderr.write(`error: ${errorText(error)}\n`);
  return statusOf(error);
}

/**
 * Runs a command line.
 *
 * @param args its words, without those that start the program
 * @returns the exit status: 0 done, 1 failed, 2 wrong use
 */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error);
  }
}
