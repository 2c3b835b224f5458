import { type Command, Option } from 'commander';
import { listed, quoted } from '../checks/quoted.js';
import { cutCases } from '../data/cutCases.js';
import { traitsOf } from '../data/kinds/traitsOf.js';
import { kindOf, type LabelledData } from '../data/labelledData.js';
import { withClasses } from '../data/withClasses.js';
import type { ModelMetadata } from '../data/modelMetadata.js';
import { taskOf } from '../training/tasks/taskOf.js';
import type { SavedClassifier } from './loadClassifier.js';

const longerChoices = ['error', 'cut'] as const;

/** What happens to series or tokens with more positions than the model takes. */
export type Longer = (typeof longerChoices)[number];

/** Gives a command `--longer`. */
export function addLongerOption(command: Command): Command {
  const help = 'series or tokens with more positions than the model takes: an error, or cut at their end';
  return command.addOption(new Option('--longer <choice>', help).choices(longerChoices).default('error'));
}

/** Names as a message shows them. */
const shown = (names: readonly string[] = []) => listed(names, ' ');

/** @throws Error unless the cases of a data set have what the model gives: classes or numbers */
export function checkTask(
  source: string,
  data: LabelledData,
  { task = 'classification' }: Pick<ModelMetadata, 'task'>,
): void {
  const found = taskOf(source, data).name;
  if (found === task) return;
  throw new Error(`${source}: the data is for ${found}; it must be for ${task}`);
}

/**
 * @param source where the data came from, for errors
 * @param data data for a model
 * @param model see SavedClassifier
 * @param longer what happens to cases that are longer than the model
 * @param first number of the first case, for errors
 * @returns the data, with the model's classes in the model's order
 * @throws Error if the data is not of the kind, the channels and the vocabulary that the model knows, or has cases of a class
 *   that it does not know
 */
export function fitToModel<Data extends LabelledData>(
  source: string,
  data: Data,
  { metadata, length }: Pick<SavedClassifier, 'metadata' | 'length'>,
  longer: Longer,
  first = 1,
): Data {
  const { kind, classNames, statistics } = metadata;
  if (kindOf(data) !== kind) {
    throw new Error(`${source}: the cases are ${kindOf(data)}; they must be ${kind}, as the model's`);
  }
  const traits = traitsOf(data);
  const [channels, expected] = [traits.channels(data), statistics?.mean.length ?? null];
  if (channels !== expected) {
    throw new Error(`${source}: the cases have ${channels} channels; they must have ${expected}, as the model's`);
  }
  const { vocabulary, channelNames } = traits.metadata(data);
  if (vocabulary?.join('\n') !== metadata.vocabulary?.join('\n')) {
    throw new Error(`${source}: the tokens are ${shown(vocabulary)}; the model knows ${shown(metadata.vocabulary)}`);
  }
  const names = metadata.channelNames;
  if (names && channelNames && names.join('\n') !== channelNames.join('\n')) {
    throw new Error(`${source}: the channels are ${shown(channelNames)}; the model knows ${shown(names)}`);
  }
  const lengths = traits.lengths(data) ?? [];
  const tooLong = length === undefined ? -1 : lengths.findIndex((positions) => positions > length);
  if (tooLong >= 0 && longer === 'error') {
    const name = data.ids ? ` (${quoted(data.ids[tooLong])})` : '';
    throw new Error(
      `${source}: case ${first + tooLong}${name} has ${lengths[tooLong]} positions; the model takes ${length} at most: ` +
        `--longer cut takes the first ${length}`,
    );
  }
  const fitting = tooLong >= 0 ? cutCases(data, length!) : data;
  return withClasses(source, fitting, classNames, 'the model');
}
