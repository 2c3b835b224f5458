import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, type Option } from 'commander';
import { quotedJson } from '../checks/quoted.js';
import { UnknownNameError } from '../checks/unknownNameError.js';
import { parseJson } from '../files/parseJson.js';
import { UsageError } from './usageError.js';

/** Reads a configuration: one JSON object. */
async function readObject(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8');
  let found: unknown;
  try {
    found = parseJson(text);
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
  if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found as Record<string, unknown>;
  throw new UsageError(`${path}: must contain one object, { "epochs": 60, ... }`);
}

/** A value as text on the command line; undefined if it cannot be one. */
function textOf(value: unknown): string | undefined {
  if (value === null) return 'none';
  if (typeof value === 'string' || typeof value === 'number') return `${value}`;
  if (!Array.isArray(value) || value.some(Array.isArray)) return undefined;
  const texts = value.map((one) => textOf(one)?.replaceAll(',', '\\,')); // what one of them holds separates nothing
  return texts.includes(undefined) ? undefined : texts.join(',');
}

/** The value that an option has for what a file says; the same checks as on the command line. */
function valueOf(option: Option, value: unknown, where: string): unknown {
  const wrong = (must: string) => new UsageError(`${where} was ${quotedJson(value)}${must}`);
  if (option.isBoolean()) {
    if (typeof value === 'boolean') return value;
    throw wrong('; it must be true or false');
  }
  // `--wide <auto|on|off>` and its like can be true or false in a file.
  const text = typeof value === 'boolean' && option.flags.includes('on|off>') ? (value ? 'on' : 'off') : textOf(value);
  if (text === undefined) throw wrong('; it must be a number or a string');
  try {
    return option.parseArg ? option.parseArg<unknown>(text, undefined) : text;
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw wrong(`. ${error.message}`);
  }
}

/**
 * Gives a command's options the values of a JSON file, where the command line has none. Keys are the options' names in
 * camel case; null means `none`.
 *
 * @param command its options define what the file may say
 * @param path the file
 * @param without options that a file may not set
 * @returns what the file says
 * @throws UnknownNameError for a key that is no option; UsageError for a value that its option would not take; the file
 *   system's errors
 */
export async function applyConfigFile(
  command: Command,
  path: string,
  without: readonly string[],
): Promise<Record<string, unknown>> {
  const options = new Map(command.options.map((option) => [option.attributeName(), option]));
  for (const name of without) options.delete(name);
  const found = await readObject(path);
  for (const [key, value] of Object.entries(found)) {
    const option = options.get(key);
    if (!option) throw new UnknownNameError(`${path}: a setting`, key, [...options.keys()]);
    const parsed = valueOf(option, value, `${path}: ${key}`);
    const source = command.getOptionValueSource(key);
    if (source === undefined || source === 'default') command.setOptionValueWithSource(key, parsed, 'config');
  }
  return found;
}
