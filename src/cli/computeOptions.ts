import { type Command, Option } from 'commander';
import { threads, wide } from './arguments.js';
import type { OutputOptions } from './output.js';

/** Options of every command that computes. */
export interface ComputeOptions extends OutputOptions {
  threads: number | 'auto';
  /** Vectors of 256 bits, as `init` takes them. */
  wide: boolean | 'auto';
}

const allThreads = () => new Option('--threads <n>', 'number of threads').argParser(threads).default('auto');

/**
 * Gives a command all of ComputeOptions.
 *
 * @param command the command
 * @param threadsOption its `--threads`, where that is another one
 */
export function addComputeOptions(command: Command, threadsOption = allThreads()): Command {
  return addWideOption(command.addOption(threadsOption))
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print only the result');
}

/** Adds `--wide` to a command. */
export function addWideOption(
  command: Command,
  help = '256-bit vectors (auto: where Node and processor have them)',
): Command {
  return command.option('--wide <auto|on|off>', help, wide, 'auto');
}
