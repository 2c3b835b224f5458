import { type Command, Option } from 'commander';
import {
  type ClassifierSizes,
  classifierSizes,
  sizeDefaults,
  sizeNames,
  withSizes,
} from '../experiments/classifierSizes.js';
import type { DataKind } from '../data/labelledData.js';
import { number } from './arguments.js';
import { flagOf } from './flagOf.js';
import { UsageError } from './usageError.js';

/** Gives a command a flag for each of classifierSizes, undefined where it is not given. */
export function addSizeOptions(command: Command): Command {
  for (const name of sizeNames) {
    const { meaning, rule } = classifierSizes[name];
    const defaults = Object.entries(sizeDefaults).map(([kind, sizes]) => `${sizes[name]} for ${kind}`);
    const help = `${meaning} (default: ${defaults.join(', ')})`;
    command.addOption(new Option(`${flagOf(name)} <n>`, help).helpGroup('Model:').argParser(number(rule)));
  }
  return command;
}

/**
 * @param name the data set's, for errors
 * @param kind what its cases are
 * @param given sizes, where flags were given
 * @throws UsageError if sizes do not go together
 */
export function checkSizes(name: string, kind: DataKind, given: Partial<ClassifierSizes>): void {
  const { width, heads } = withSizes(kind, given);
  if (width % heads !== 0) throw new UsageError(`--heads was ${heads}; it must divide --width, ${width} (${name})`);
}
