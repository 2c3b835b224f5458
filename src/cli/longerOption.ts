import { type Command, Option } from 'commander';
import { longerChoices } from '../data/fitToModel.js';
import { addChoices } from './arguments.js';

/** Gives a command `--longer`. */
export function addLongerOption(command: Command): Command {
  const help = 'series or tokens with more positions than the model takes: an error, or cut at their end';
  return command.addOption(addChoices(new Option('--longer <choice>', help), longerChoices).default('error'));
}
