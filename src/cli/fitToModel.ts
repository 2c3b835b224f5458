import { listed } from '../checks/quoted.js';
import { traitsOf } from '../data/kinds/traitsOf.js';
import { kindOf, type LabelledData } from '../data/labelledData.js';
import { withClasses } from '../data/withClasses.js';
import type { ClassifierMetadata } from '../training/metadata.js';

/** Names as a message shows them. */
const shown = (names: readonly string[] = []) => listed(names, ' ');

/**
 * @param source where the data came from, for errors
 * @param data data for a model
 * @param metadata the model's
 * @returns the data, with the model's classes in the model's order
 * @throws Error if the data is not of the kind, the channels and the vocabulary that the model knows, or has cases of a class
 *   that it does not know
 */
export function fitToModel<Data extends LabelledData>(source: string, data: Data, metadata: ClassifierMetadata): Data {
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
  return withClasses(source, data, classNames, 'the model');
}
