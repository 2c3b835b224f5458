import type { LayersModel } from '@tensorflow/tfjs-layers';
import { byKind } from '../data/kinds/byKind.js';
import { type Dataset, kindOf } from '../data/labelledData.js';
import { longest } from '../data/longest.js';
import { attentionForm } from '../models/attentionForm.js';
import { timeSeriesClassifier, type TimeSeriesClassifierConfig } from '../models/timeSeriesClassifier.js';
import { tokenClassifier } from '../models/tokenClassifier.js';
import { visionTransformer, visionTransformerDefaults } from '../models/visionTransformer.js';
import { type ClassifierSizes, sizeNames, withSizes } from './classifierSizes.js';

/** What a classifier may be given besides what the data decides. The defaults are those of the kind of data. */
export interface ClassifierOptions extends Partial<ClassifierSizes>, Pick<TimeSeriesClassifierConfig, 'normalization'> {
  /** Images: height and width of a patch. */
  patchSize?: number;
}

export const classifierOptionNames = [...sizeNames, 'normalization', 'patchSize'] as const;

/**
 * The classifier for the kind of data that a set holds: timeSeriesClassifier, visionTransformer or tokenClassifier.
 *
 * @param dataset both parts, as a sequence may be longer in either
 * @param form name of a form of attention, see attentionForm; the initial weights are the same for all forms
 * @param options see ClassifierOptions
 * @param seed makes the initial weights, and dropout, reproducible
 * @throws UnknownNameError if there is no such form; Error that names the argument, if an option is not valid
 */
export function classifierFor(
  { train, test }: Dataset,
  form: string,
  options: ClassifierOptions,
  seed: number,
): LayersModel {
  const attention = attentionForm(form);
  const sizes = withSizes(kindOf(train), options);
  const { heads } = sizes;
  const { normalization, patchSize } = options;
  const common = { ...sizes, normalization, classes: train.classNames.length, seed };
  return byKind<LayersModel>(train, {
    series(data) {
      const length = longest(data, test as typeof data);
      const { channels } = data;
      return timeSeriesClassifier({ ...common, channels, length, attention: attention({ heads, length }) });
    },
    images({ height, width, channels }) {
      const patch = patchSize ?? visionTransformerDefaults.patchSize;
      const length = Math.ceil(height / patch) * Math.ceil(width / patch);
      return visionTransformer({
        ...{ ...common, height, width, channels, patchSize: patch, embedDim: sizes.width },
        attention: attention({ heads, length }),
      });
    },
    tokens(data) {
      const length = longest(data, test as typeof data);
      const vocabulary = data.vocabulary.length;
      return tokenClassifier({ ...common, vocabulary, length, attention: attention({ heads, length }) });
    },
  });
}
