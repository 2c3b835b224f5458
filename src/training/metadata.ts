import type { LayersModel } from '@tensorflow/tfjs-layers';
import { quotedJson } from '../checks/quoted.js';
import { traitsOf } from '../data/kinds/traitsOf.js';
import { checkReadOptions, type Reading } from '../data/readOptions.js';
import { type ChannelStatistics, type DataKind, dataKinds, kindOf, type LabelledData } from '../data/labelledData.js';

interface MetadataRule {
  /** Completes "they must be". */
  must: string;
  test: (metadata: ClassifierMetadata) => boolean;
}

/** What a trained classifier needs besides its weights. It travels in model.json. */
export interface ClassifierMetadata {
  /** Name of the data set. */
  data: string;
  /** Form of attention, as the command line names it. */
  form: string;
  /** What its cases are. */
  kind: DataKind;
  classNames: string[];
  /** Of the training part: new series or images are standardised with them. null for tokens. */
  statistics: ChannelStatistics | null;
  /** Names of the tokens, in order; only for tokens. */
  vocabulary?: string[];
  /** Names of the channels, in order; only for series whose files name them. */
  channelNames?: string[];
  /** How the table was read; only for series of tables. */
  reading?: Reading;
}

const isNames = (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');

function isStatistics(value: unknown): boolean {
  const { mean, deviation } = (value ?? {}) as Partial<ChannelStatistics>;
  if (!Array.isArray(mean) || !Array.isArray(deviation) || mean.length !== deviation.length) return false;
  return (
    mean.length > 0 && mean.every(Number.isFinite) && deviation.every((x: unknown) => Number.isFinite(x) && x !== 0)
  );
}

function isReading(reading: unknown): boolean {
  try {
    const { columns, ...options } = reading as Reading;
    checkReadOptions('model', options);
    return columns === undefined || isNames(columns);
  } catch {
    return false;
  }
}

/** What saved metadata must be: a file may hold anything. */
const rules: Record<'kind' | 'classNames' | 'statistics' | 'vocabulary' | 'channelNames' | 'reading', MetadataRule> = {
  kind: { must: dataKinds.join(', '), test: ({ kind }) => dataKinds.includes(kind) },
  classNames: { must: 'a list of names', test: ({ classNames }) => isNames(classNames) },
  statistics: {
    must: 'mean and deviation of each channel, or null for tokens',
    test: ({ kind, statistics }) => (kind === 'tokens' ? statistics === null : isStatistics(statistics)),
  },
  vocabulary: {
    must: 'the names of the tokens',
    test: ({ kind, vocabulary }) => kind !== 'tokens' || isNames(vocabulary),
  },
  channelNames: {
    must: 'the names of the channels',
    test: ({ channelNames: names, statistics }) =>
      names === undefined || (isNames(names) && names.length === statistics?.mean.length),
  },
  reading: {
    must: 'how a table is read',
    test: ({ reading }) => reading === undefined || isReading(reading),
  },
};

const KEY = 'primalAttention';

/**
 * The metadata of a classifier.
 *
 * @param train the data that it is trained on
 * @param rest what the data does not tell
 */
export function metadataOf(
  train: LabelledData,
  rest: Pick<ClassifierMetadata, 'data' | 'form' | 'statistics'>,
): ClassifierMetadata {
  return { ...rest, kind: kindOf(train), classNames: train.classNames, ...traitsOf(train).metadata(train) };
}

/**
 * Attaches metadata to a model; `save` keeps it.
 *
 * @param model the model; other user-defined metadata stays
 * @param metadata plain values
 */
export function setMetadata(model: LayersModel, metadata: ClassifierMetadata): void {
  model.setUserDefinedMetadata({ ...model.getUserDefinedMetadata(), [KEY]: metadata });
}

/**
 * @param model a model that setMetadata has seen, perhaps before it was saved
 * @throws Error if there is no metadata, that of an earlier version, or one that no classifier can have
 */
export function getMetadata(model: LayersModel): ClassifierMetadata {
  const all = model.getUserDefinedMetadata() as Record<string, ClassifierMetadata> | undefined;
  const metadata = all?.[KEY];
  if (!metadata) {
    throw new Error('the model has no metadata of a classifier; it must be one that the train command saved');
  }
  if (!metadata.kind) {
    throw new Error('the model is of an earlier version, without the kind of its data; train it again');
  }
  for (const name of Object.keys(rules) as (keyof typeof rules)[]) {
    const { must, test } = rules[name];
    if (!test(metadata))
      throw new Error(`the model's ${name} were ${quotedJson(metadata[name])}; they must be ${must}`);
  }
  return metadata;
}
