import { type Command, Option } from 'commander';
import {
  type ClassifierSizes,
  classifierSizes,
  sizeDefaults,
  sizeNames,
  withSizes,
} from '../experiments/classifierSizes.js';
import type { DataKind } from '../data/labelledData.js';
import { integer, number } from './arguments.js';
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

/** Gives a command the flag of the patches of images. */
export function addPatchSize(command: Command): Command {
  return command.addOption(
    new Option('--patch-size <n>', 'images: height and width of a patch').helpGroup('Model:').argParser(integer(1)),
  );
}

/** @throws UsageError if an option of images was given for another kind */
export function checkOfImages(flag: string, value: number | undefined, kind: DataKind): void {
  if (value === undefined || kind === 'images') return;
  throw new UsageError(`${flag} was ${value} for ${kind}; only images take it`);
}

/**
 * @param name the data set's, for errors
 * @param kind what its cases are
 * @param given sizes, where flags were given
 * @throws UsageError if sizes do not go together
 */
export function checkSizes(
  name: string,
  kind: DataKind,
  given: Partial<ClassifierSizes> & { patchSize?: number },
): void {
  checkOfImages('--patch-size', given.patchSize, kind);
  const { width, heads } = withSizes(kind, given);
  if (width % heads !== 0) throw new UsageError(`--heads was ${heads}; it must divide --width, ${width} (${name})`);
}
