import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Dataset, kindOf } from '../data/labelledData.js';
import { longest } from '../data/timeSeries.js';
import { timeSeriesClassifier, type TimeSeriesClassifierConfig } from '../models/timeSeriesClassifier.js';
import { attentionOfForm } from './forms.js';

/** What a classifier may be given besides what the data decides; defaults are the classifier's. */
export type ClassifierSizes = Pick<
  TimeSeriesClassifierConfig,
  'width' | 'feedForward' | 'heads' | 'layers' | 'dropout' | 'normalization' | 'head'
> & { heads: number };

/**
 * The classifier for the kind of data that a set holds.
 *
 * @param data both parts, as a series may be longer in either
 * @param form name of a form of attention, see attentionOfForm
 * @param sizes see ClassifierSizes
 * @param seed makes the initial weights reproducible; they are the same for all forms
 * @throws UnknownNameError if there is no such form; Error that names the argument, if a size is not valid
 */
export function classifierFor(
  { name, train, test }: Dataset,
  form: string,
  sizes: ClassifierSizes,
  seed: number,
): LayersModel {
  const attention = attentionOfForm(form);
  const common = { ...sizes, classes: train.classNames.length, seed };
  if ('series' in train && 'series' in test) {
    const length = longest(train, test);
    const { channels } = train;
    return timeSeriesClassifier({ ...common, channels, length, attention: attention({ heads: sizes.heads, length }) });
  }
  throw new Error(`classifierFor: ${name} holds ${kindOf(train)}; it must hold series`);
}
