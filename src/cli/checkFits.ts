import { listed } from '../checks/quoted.js';
import { traitsOf } from '../data/kinds/traitsOf.js';
import { kindOf, type LabelledData } from '../data/labelledData.js';
import type { ClassifierMetadata } from '../training/metadata.js';

/**
 * @param source where the data came from, for errors
 * @param data data for a model
 * @param metadata the model's
 * @throws Error if the data is not of the kind, the classes and the vocabulary that the model knows
 */
export function checkFits(
  source: string,
  data: LabelledData,
  { kind, classNames, vocabulary }: ClassifierMetadata,
): void {
  if (kindOf(data) !== kind) {
    throw new Error(`${source}: the cases are ${kindOf(data)}; they must be ${kind}, as the model's`);
  }
  if (classNames.join('\n') !== data.classNames.join('\n')) {
    throw new Error(`${source}: the classes are ${listed(data.classNames)}; the model knows ${listed(classNames)}`);
  }
  const { vocabulary: found } = traitsOf(data).metadata(data);
  if (found?.join('\n') !== vocabulary?.join('\n')) {
    throw new Error(
      `${source}: the tokens are ${listed(found ?? [], ' ')}; the model knows ${listed(vocabulary ?? [], ' ')}`,
    );
  }
}
