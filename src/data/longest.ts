import { integer } from '../checks/rules.js';
import { check } from '../checks/values.js';
import { checkCases } from './checkData.js';
import { kindOf, type LabelledTokens } from './labelledData.js';
import type { TimeSeriesData } from './timeSeries.js';

/**
 * @param data series or tokens
 * @returns positions of the longest of all their cases
 * @throws Error if one of them is no data, or holds images
 */
export function longest(...data: (TimeSeriesData | LabelledTokens)[]): number {
  let most = 0;
  for (const part of data) {
    checkCases('longest', part, []);
    if (kindOf(part) === 'images') throw new Error('longest: the data held images; it must be series or tokens');
    part.lengths.forEach((length, index) => {
      check('longest', `the length of case ${index + 1}`, length, integer(0));
      most = Math.max(most, length);
    });
  }
  return most;
}
