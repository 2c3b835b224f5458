import { type Command, Option } from 'commander';
import { type ReadOptions, readOptionNames, readOptions } from '../data/readOptions.js';
import { pickProperties } from '../pickProperties.js';
import { addChoices, list, nonEmpty, number } from './arguments.js';
import { flagOf } from './flagOf.js';

const lists: readonly (keyof ReadOptions)[] = ['valueColumns', 'ignoreColumns', 'missing'];
const numbers: readonly (keyof ReadOptions)[] = ['windowLength', 'stride', 'resample', 'test'];

/** Gives a command a flag for each of ReadOptions. */
export function addReadOptions(command: Command): Command {
  for (const name of readOptionNames) {
    const { value, help, rule } = readOptions[name];
    const option = new Option(`${flagOf(name)} ${value}`, help).helpGroup('Reading tables and series:');
    if (rule.choices) addChoices(option, rule.choices);
    else if (lists.includes(name)) option.argParser(list);
    else if (name === 'maxGap') option.argParser((text: string) => (text === 'none' ? text : number(rule)(text)));
    else if (numbers.includes(name)) option.argParser(number(rule));
    else option.argParser(nonEmpty);
    command.addOption(option);
  }
  return command;
}

/** Those of a command's options that say how tables are read, where they were given. */
export const readOptionsOf = (options: ReadOptions): ReadOptions => pickProperties(options, readOptionNames);
