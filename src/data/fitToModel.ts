import { listed, quoted } from '../checks/quoted.js';
import { cutCases } from './cutCases.js';
import { traitsOf } from './kinds/traitsOf.js';
import { kindOf, type LabelledData } from './labelledData.js';
import type { ModelMetadata } from './modelMetadata.js';
import type { Reading } from './readOptions.js';
import { resample } from './resample.js';
import { withClasses } from './withClasses.js';

/** What cases must be like for a model. */
export interface FittingCases extends Pick<
  ModelMetadata,
  'kind' | 'classNames' | 'vocabulary' | 'channelNames' | 'reading'
> {
  /** Values of a position or pixel; null for tokens. */
  channels: number | null;
  /** Most positions of series or tokens; undefined if it takes any number, or images. */
  length: number | undefined;
}

/** The same of what a model keeps, and the length of its input. */
export function fittingCases({ statistics, ...metadata }: ModelMetadata, length: number | undefined): FittingCases {
  return { ...metadata, channels: statistics?.mean.length ?? null, length };
}

export const longerChoices = ['error', 'cut'] as const;

/** What happens to series or tokens with more positions than the model takes. */
export type Longer = (typeof longerChoices)[number];

/** Names as a message shows them. */
const shown = (names: readonly string[] = []) => listed(names, ' ');

/** Data with the positions that the model's series were resampled to, if they were. */
function ofModelsPositions<Data extends LabelledData>(source: string, data: Data, reading: Reading = {}): Data {
  const { resample: found } = ('reading' in data && data.reading) || {};
  const { resample: wanted } = reading;
  if (found === undefined || found === wanted) return wanted === found ? data : resample(data, wanted!);
  const must = wanted === undefined ? 'they must be as they are' : `they must be resampled to ${wanted}`;
  throw new Error(`${source}: the series were resampled to ${found} positions; ${must}, as the model's`);
}

/**
 * @param source where the data came from, for errors
 * @param given data for a model
 * @param expected what the model takes
 * @param longer what happens to cases that are longer than the model; undefined: an error, and nothing else can be chosen
 * @param first number of the first case, for errors
 * @returns the data, resampled if the model's were, with the model's classes in the model's order
 * @throws Error if the data is not of the kind, the channels and the vocabulary that the model knows, or has cases of a class
 *   that it does not know
 */
export function fitToModel<Data extends LabelledData>(
  source: string,
  given: Data,
  expected: FittingCases,
  longer?: Longer,
  first = 1,
): Data {
  const { kind, classNames, length } = expected;
  if (kindOf(given) !== kind) {
    throw new Error(`${source}: the cases are ${kindOf(given)}; they must be ${kind}, as the model's`);
  }
  const data = ofModelsPositions(source, given, expected.reading);
  const traits = traitsOf(data);
  const channels = traits.channels(data);
  if (channels !== expected.channels) {
    throw new Error(
      `${source}: the cases have ${channels} channels; they must have ${expected.channels}, as the model's`,
    );
  }
  const { vocabulary, channelNames } = traits.metadata(data);
  if (vocabulary?.join('\n') !== expected.vocabulary?.join('\n')) {
    throw new Error(`${source}: the tokens are ${shown(vocabulary)}; the model knows ${shown(expected.vocabulary)}`);
  }
  const names = expected.channelNames;
  if (names && channelNames && names.join('\n') !== channelNames.join('\n')) {
    throw new Error(`${source}: the channels are ${shown(channelNames)}; the model knows ${shown(names)}`);
  }
  const lengths = traits.lengths(data) ?? [];
  const tooLong = length === undefined ? -1 : lengths.findIndex((positions) => positions > length);
  if (tooLong >= 0 && longer !== 'cut') {
    const name = data.ids ? ` (${quoted(data.ids[tooLong])})` : '';
    throw new Error(
      `${source}: case ${first + tooLong}${name} has ${lengths[tooLong]} positions; the model takes ${length} at most` +
        (longer ? `: --longer cut takes the first ${length}` : ''),
    );
  }
  const fitting = tooLong >= 0 ? cutCases(data, length!) : data;
  return withClasses(source, fitting, classNames, 'the model');
}
