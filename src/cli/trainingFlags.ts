import { type Command, InvalidArgumentError, Option } from 'commander';
import { aboveZero, atLeastZero, integer } from '../checks/rules.js';
import type { ClassWeights } from '../training/classWeights.js';
import { isTaken, type OptionFacts } from '../training/optionTable.js';
import { trainingDefaults, type TrainingOptionName, trainingOptions } from '../training/trainingOptions.js';
import { addChoices, addNullable, number, orNone } from './arguments.js';
import { flagOf } from './flagOf.js';

/** What of a training option is the command line's own. */
interface Flag {
  /** Its value in the help; without one it is given or not. */
  value?: string;
  help: string;
  /** Where the help lists it; default 'Training:'. */
  group?: string;
  /** Default where the table has none. */
  default?: unknown;
  /** Default: a number or a word as the option's rule has it. */
  parse?: (text: string) => unknown;
}

function classWeights(text: string): ClassWeights {
  if (text === 'balanced') return text;
  try {
    return text.split(',').map(number(atLeastZero));
  } catch {
    throw new InvalidArgumentError(
      "It must be 'balanced', or a number, 0 or more, for each class, separated by commas.",
    );
  }
}

const flags: Readonly<Record<TrainingOptionName, Flag>> = {
  epochs: { value: '<n>', help: 'number of epochs' },
  batchSize: { value: '<n>', help: 'cases per training step' },
  seed: {
    value: '<n>',
    help: 'random seed: the same seed gives the same run',
    default: 0,
    parse: number(integer(0)),
  },
  labelSmoothing: { value: '<x>', help: 'share of each label that is spread over all classes' },
  classWeights: {
    value: '<weights>',
    help: "weight of each class in the loss: 'balanced', or numbers separated by commas",
    parse: classWeights,
  },
  monitor: { value: '<name>', help: 'score that decides which epoch is best', group: 'Validation:' },
  patience: { value: '<n>', help: 'stop after this many epochs without improvement', group: 'Validation:' },
  restoreBestWeights: { help: 'keep the model of the best epoch instead of the last', group: 'Validation:' },
  optimizer: { value: '<name>', help: 'optimizer' },
  learningRate: { value: '<x>', help: 'peak learning rate', parse: number(aboveZero) },
  schedule: { value: '<name>', help: 'learning rate schedule' },
  warmupEpochs: { value: '<x>', help: 'epochs over which the learning rate rises to its peak' },
  weightDecay: { value: '<x>', help: 'decoupled weight decay (default: 0.01 for adamW, 0 for the others)' },
  momentum: { value: '<x>', help: `momentum of sgd (default: ${trainingDefaults.momentum})` },
  clipNorm: { value: '<x>', help: "maximum global norm of the gradients, or 'none'", parse: orNone(aboveZero) },
};

/** Gives a command the flags of training options, with their defaults. */
export function addTrainingFlags(command: Command, names: readonly TrainingOptionName[]): Command {
  for (const name of names) {
    const facts: OptionFacts = trainingOptions[name];
    const { value, help, group = 'Training:', parse, ...flag } = flags[name];
    const option = new Option([flagOf(name), value ?? []].flat().join(' '), help).helpGroup(group);
    const { choices } = facts.rule ?? {};
    if (choices) addChoices(option, choices);
    else if (value) option.argParser(parse ?? number(facts.rule!));
    const initial = flag.default ?? facts.default;
    // One that the default optimizer does not take stays open.
    if (initial !== undefined && isTaken(facts, trainingDefaults.optimizer)) option.default(initial);
    addNullable(command, option);
  }
  return command;
}
