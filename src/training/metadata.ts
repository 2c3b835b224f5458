import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkOptions } from '../checks/values.js';
import { quotedJson } from '../checks/quoted.js';
import { texts } from '../checks/rules.js';
import { checkCases } from '../data/checkData.js';
import { traitsOf } from '../data/kinds/traitsOf.js';
import { checkReadOptions, type Reading } from '../data/readOptions.js';
import { type ChannelStatistics, dataKinds, kindOf, type LabelledData } from '../data/labelledData.js';
import type { ModelMetadata } from '../data/modelMetadata.js';
import { taskNames, taskOf } from './tasks/taskOf.js';

interface MetadataRule {
  /** Completes "they must be". */
  must: string;
  test: (metadata: ModelMetadata) => boolean;
}

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
    return columns === undefined || texts.test(columns);
  } catch {
    return false;
  }
}

/** What saved metadata must be: a file may hold anything. */
const rules: Record<'kind' | 'task' | 'statistics' | 'vocabulary' | 'channelNames' | 'reading', MetadataRule> = {
  kind: { must: dataKinds.join(', '), test: ({ kind }) => dataKinds.includes(kind) },
  task: { must: taskNames.join(', '), test: ({ task = 'classification' }) => taskNames.includes(task) },
  statistics: {
    must: 'mean and deviation of each channel, or null for tokens',
    test: ({ kind, statistics }) => (kind === 'tokens' ? statistics === null : isStatistics(statistics)),
  },
  vocabulary: {
    must: 'the names of the tokens',
    test: ({ kind, vocabulary }) => kind !== 'tokens' || texts.test(vocabulary),
  },
  channelNames: {
    must: 'the names of the channels',
    test: ({ channelNames: names, statistics }) =>
      names === undefined || (texts.test(names) && names.length === statistics?.mean.length),
  },
  reading: {
    must: 'how a table is read',
    test: ({ reading }) => reading === undefined || isReading(reading),
  },
};

const names: { readonly [Name in keyof ModelMetadata]-?: true } = {
  ...{
    data: true,
    form: true,
    kind: true,
    task: true,
    statistics: true,
    classNames: true,
    target: true,
    forecast: true,
  },
  ...{ vocabulary: true, channelNames: true, reading: true },
};

const KEY = 'primalAttention';

/**
 * The metadata of a model.
 *
 * @param train the data that it is trained on
 * @param rest what the data does not tell
 */
export function metadataOf(
  train: LabelledData,
  rest: Pick<ModelMetadata, 'data' | 'form' | 'statistics'>,
): ModelMetadata {
  checkOptions('metadataOf: rest', rest, ['data', 'form', 'statistics']);
  checkCases('metadataOf', train, []);
  const task = taskOf('metadataOf', train).metadata(train);
  return { ...rest, kind: kindOf(train), ...task, ...traitsOf(train).metadata(train) };
}

/**
 * Attaches metadata to a model; `save` keeps it.
 *
 * @param model the model; other user-defined metadata stays
 * @param metadata plain values
 * @throws Error if it has a name that metadata has not
 */
export function setMetadata(model: LayersModel, metadata: ModelMetadata): void {
  checkOptions('setMetadata', metadata, Object.keys(names));
  model.setUserDefinedMetadata({ ...model.getUserDefinedMetadata(), [KEY]: metadata });
}

/**
 * @param model a model that setMetadata has seen, perhaps before it was saved
 * @throws Error if there is no metadata, that of an earlier version, or one that no model can have
 */
export function getMetadata(model: LayersModel): ModelMetadata {
  const all = model.getUserDefinedMetadata() as Record<string, ModelMetadata> | undefined;
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
  const fault = taskOf('getMetadata', metadata).metadataFault(metadata);
  if (fault) {
    const [name, must] = fault;
    throw new Error(`the model's ${name} were ${quotedJson(metadata[name])}; they must be ${must}`);
  }
  return metadata;
}
