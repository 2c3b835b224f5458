import { formatValue } from '../checks/values.js';
import { caseCount } from './caseCount.js';
import type { Cases } from './labelledData.js';

/** @throws Error, in the name of `owner`, unless there are as many labels as cases */
export function checkLabelCount(owner: string, labels: unknown, cases: number): asserts labels is number[] {
  if (Array.isArray(labels) && labels.length === cases) return;
  if (Array.isArray(labels)) {
    throw new Error(`${owner}: the data had ${labels.length} labels; they must be ${cases}, one for each case`);
  }
  if (labels === undefined || labels === null) {
    throw new Error(`${owner}: the data had no labels; it must have one for each case`);
  }
  throw new Error(`${owner}: labels was ${formatValue(labels)}; it must be an array of ${cases}, one for each case`);
}

/** @throws Error, in the name of `owner`, unless each case has a label, and that is the index of one of the classes */
export function checkLabels(owner: string, data: Cases): void {
  const { labels, classNames } = data;
  if (!Array.isArray(classNames) || !classNames.every((name) => typeof name === 'string')) {
    const was = Array.isArray(classNames) ? 'an array that holds more than names' : formatValue(classNames);
    throw new Error(`${owner}: classNames was ${was}; it must be an array with a name for each class`);
  }
  checkLabelCount(owner, labels, caseCount(data));
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (Number.isInteger(label) && label >= 0 && label < classNames.length) continue;
    const range =
      classNames.length === 0
        ? 'there must be names of classes'
        : `it must be an integer from 0 to ${classNames.length - 1}, as there are ${classNames.length} classNames`;
    const missing = label === -1 ? ', which stands for none' : '';
    throw new Error(`${owner}: the label of case ${i + 1} was ${formatValue(label)}${missing}; ${range}`);
  }
}
