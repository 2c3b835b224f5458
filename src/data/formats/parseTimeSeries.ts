import { text as textRule } from '../../checks/rules.js';
import { check } from '../../checks/values.js';
import { atLine } from '../../files/atLine.js';
import { TimeSeriesParser, type TimeSeriesOptions } from './timeSeriesParser.js';
import type { TimeSeriesData } from '../timeSeries.js';

/**
 * Parses the `.ts` text of the UEA and UCR archives: `#` or `%` comments, `@` header lines up to `@data`, then one case
 * per line: channels separated by `:`, values by `,`, the class label last, or with `@targetLabel true` a number. Series may differ in length from case to
 * case.
 *
 * @param text the file's text, with any line ends
 * @param source the file's name, for errors
 * @param options see TimeSeriesOptions
 * @returns the cases; a missing value (`?` or `NaN`) is NaN, a missing label -1
 * @throws Error `source:line: reason` for the first malformed line
 */
export function parseTimeSeries(text: string, source: string, options?: TimeSeriesOptions): TimeSeriesData {
  check('parseTimeSeries', 'text', text, textRule);
  check('parseTimeSeries', 'source', source, textRule);
  const parser = new TimeSeriesParser(options);
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  lines.forEach((line, index) => atLine(source, index + 1, () => parser.line(line)));
  return atLine(source, lines.length, () => parser.finish());
}
