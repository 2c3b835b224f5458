import type { LayersModel } from '@tensorflow/tfjs-layers';
import { byKind } from '../data/kinds/byKind.js';
import { type DataKind, type Dataset, kindOf } from '../data/labelledData.js';
import { longest } from '../data/longest.js';
import { modelForm } from '../models/modelForm.js';
import { timeSeriesClassifier, type TimeSeriesClassifierConfig } from '../models/timeSeriesClassifier.js';
import { patchesOf, timeSeriesForecaster } from '../models/timeSeriesForecaster.js';
import { timeSeriesRegressor } from '../models/timeSeriesRegressor.js';
import { tokenClassifier } from '../models/tokenClassifier.js';
import { tokenRegressor } from '../models/tokenRegressor.js';
import { visionRegressor } from '../models/visionRegressor.js';
import { visionTransformer, visionTransformerDefaults } from '../models/visionTransformer.js';
import type { TimeSeriesData } from '../data/timeSeries.js';
import type { TaskName } from '../data/modelMetadata.js';
import type { EncoderOptions } from '../models/encoder.js';
import { patchCount } from '../layers/patchIndices.js';
import type { Task } from '../training/tasks/task.js';
import { taskOf } from '../training/tasks/taskOf.js';
import { pickProperties } from '../pickProperties.js';
import { type ClassifierSizes, sizeNames, withSizes } from './classifierSizes.js';

/** What a model may be given besides what the data decides. The defaults are those of the kind of data. */
export interface ModelOptions extends Partial<ClassifierSizes>, Pick<TimeSeriesClassifierConfig, 'normalization'> {
  /** Images: height and width of a patch. */
  patchSize?: number;
  /** Forecasting: positions of a patch, and from a patch to the next; see timeSeriesForecaster. */
  patchLength?: number;
  patchStride?: number;
  /** Forecasting: whether each channel is forecast from its own past only. */
  channelIndependent?: boolean;
  /** Forecasting: whether a series is normalised by its own mean and deviation. */
  instanceNormalization?: boolean;
}

/** Options of forecasters only. */
export const forecasterOptionNames = [
  'patchLength',
  'patchStride',
  'channelIndependent',
  'instanceNormalization',
] as const satisfies readonly (keyof ModelOptions)[];

export const modelOptionNames = [...sizeNames, 'normalization', 'patchSize', ...forecasterOptionNames] as const;

/** What a model of series is told, whatever its task is. */
interface SeriesConfig
  extends
    ClassifierSizes,
    Pick<ModelOptions, (typeof forecasterOptionNames)[number]>,
    Pick<EncoderOptions, 'attention' | 'trainableBeta'> {
  channels: number;
  length: number;
  normalization: ModelOptions['normalization'];
  seed: number;
}

/** Models of series, by task; `positions` of their attention are those of the series, or patches of them. */
const seriesModels: {
  readonly [Task in TaskName]: {
    positions: (length: number, options: ModelOptions) => number;
    make: (config: SeriesConfig, data: TimeSeriesData) => LayersModel;
  };
} = {
  classification: {
    positions: (length) => length,
    make: (config, { classNames }) => timeSeriesClassifier({ ...config, classes: classNames.length }),
  },
  regression: { positions: (length) => length, make: (config) => timeSeriesRegressor(config) },
  forecasting: {
    positions: (length, options) => patchCount({ positions: length, ...patchesOf(length, options) }),
    make: ({ patchStride: stride, ...config }, { horizon }) =>
      timeSeriesForecaster({ ...config, stride, horizon: horizon! }),
  },
};

/** A model of images or tokens, of classes or of a number. */
function classesOrNumber<Config extends object>(
  { name }: Task,
  kind: DataKind,
  models: {
    classifier: (config: Config & { classes: number }) => LayersModel;
    regressor: (config: Config) => LayersModel;
  },
  config: Config,
  classes: number,
): LayersModel {
  if (name === 'classification') return models.classifier({ ...config, classes });
  if (name === 'regression') return models.regressor(config);
  throw new Error(`train: the task was ${name} for ${kind}; only series take it`);
}

/**
 * The model for the task and the kind of data of a set: timeSeriesClassifier, visionTransformer or tokenClassifier;
 * timeSeriesRegressor, visionRegressor or tokenRegressor; timeSeriesForecaster.
 *
 * @param dataset both parts, as a sequence may be longer in either
 * @param form name of a form, see modelForm; the initial weights are the same for all forms
 * @param options see ModelOptions
 * @param seed makes the initial weights, and dropout, reproducible
 * @throws UnknownNameError if there is no such form; Error that names the argument, if an option is not valid
 */
export function modelFor({ train, test }: Dataset, form: string, options: ModelOptions, seed: number): LayersModel {
  const formOf = modelForm(form);
  const sizes = withSizes(kindOf(train), options);
  const { heads, layers } = sizes;
  const { normalization, patchSize } = options;
  const common = { ...sizes, normalization, seed };
  const classes = train.classNames.length;
  const task = taskOf('train', train);
  return byKind<LayersModel>(train, {
    series(data) {
      const length = longest(data, test as typeof data);
      const { channels } = data;
      const { positions, make } = seriesModels[task.name];
      const shape = {
        ...common,
        channels,
        length,
        ...formOf({ heads, layers, length: positions(length, options) }),
      };
      return make({ ...shape, ...pickProperties(options, forecasterOptionNames) }, data);
    },
    images({ height, width, channels }) {
      const patch = patchSize ?? visionTransformerDefaults.patchSize;
      const length = Math.ceil(height / patch) * Math.ceil(width / patch);
      const config = {
        ...{ ...common, height, width, channels, patchSize: patch, embedDim: sizes.width },
        ...formOf({ heads, layers, length }),
      };
      return classesOrNumber(
        task,
        'images',
        { classifier: visionTransformer, regressor: visionRegressor },
        config,
        classes,
      );
    },
    tokens(data) {
      const length = longest(data, test as typeof data);
      const vocabulary = data.vocabulary.length;
      const config = { ...common, vocabulary, length, ...formOf({ heads, layers, length }) };
      return classesOrNumber(
        task,
        'tokens',
        { classifier: tokenClassifier, regressor: tokenRegressor },
        config,
        classes,
      );
    },
  });
}
