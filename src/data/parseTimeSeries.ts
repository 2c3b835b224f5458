import type { TimeSeriesData } from './timeSeries.js';

interface Header {
  dimensions?: number;
  univariate?: boolean;
  equalLength?: boolean;
  seriesLength?: number;
  classNames?: string[];
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function parseFlag(key: string, value: string): boolean {
  if (!/^(true|false)$/i.test(value)) throw new Error(`${key} was '${value}'; it must be true or false`);
  return value.toLowerCase() === 'true';
}

function parseCount(key: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new Error(`${key} was '${value}'; it must be a positive integer`);
  return Number(value);
}

function parseClasses(words: string[]): string[] {
  const [hasLabels = '', ...names] = words;
  if (!parseFlag('@classLabel', hasLabels))
    throw new Error('@classLabel is false; only data with class labels is read');
  if (names.length === 0) throw new Error('@classLabel names no class');
  if (new Set(names).size < names.length) throw new Error('@classLabel names a class twice');
  return names;
}

/** Reads one `@` line into the header. Tags that do not matter here (`@problemName`, `@missing`, ...) are skipped. */
function parseTag(line: string, header: Header): void {
  const [key, ...words] = line.split(/\s+/);
  const value = words.join(' ');
  switch (key.toLowerCase()) {
    case '@timestamps':
      if (parseFlag(key, value)) throw new Error('@timeStamps is true; only series without time stamps are read');
      break;
    case '@univariate':
      header.univariate = parseFlag(key, value);
      break;
    case '@dimension':
    case '@dimensions':
      header.dimensions = parseCount(key, value);
      break;
    case '@equallength':
      header.equalLength = parseFlag(key, value);
      break;
    case '@serieslength':
      header.seriesLength = parseCount(key, value);
      break;
    case '@classlabel':
      header.classNames = parseClasses(words);
      break;
  }
}

/** The channels a header asks for, if it says. */
function headerChannels({ dimensions, univariate }: Header): number | undefined {
  return univariate ? 1 : dimensions;
}

function parseValue(text: string, channel: number, position: number): number {
  const trimmed = text.trim();
  if (number.test(trimmed)) return Number(trimmed);
  if (trimmed === '?' || trimmed === 'NaN') return NaN;
  throw new Error(
    `channel ${channel + 1}, position ${position + 1} was '${trimmed}'; it must be a number, or ? if missing`,
  );
}

/** One case, `v,v,...:v,v,...:label`, into time-major order. */
function parseCase(line: string, channels: number): { values: Float32Array; length: number; label: string } {
  const fields = line.split(':');
  const label = fields.pop()!.trim();
  if (fields.length === 0) throw new Error('the case has no colon between its values and its label');
  if (fields.length !== channels) throw new Error(`the case has ${fields.length} channels; it must have ${channels}`);
  const columns = fields.map((field) => field.split(','));
  const length = columns[0].length;
  const values = new Float32Array(length * channels);
  columns.forEach((column, c) => {
    if (column.length !== length) {
      throw new Error(`channel ${c + 1} has ${column.length} values; it must have ${length}, as channel 1 has`);
    }
    column.forEach((text, t) => (values[t * channels + c] = parseValue(text, c, t)));
  });
  return { values, length, label };
}

/**
 * Parses the `.ts` text of the UEA and UCR archives: `#` or `%` comments, `@` header lines up to `@data`, then one case
 * a line: channels parted by `:`, values by `,`, the class label last. Series may differ in length from case to case.
 *
 * @param text the file's text, with any line ends
 * @param source the file's name, for errors
 * @returns the cases; a missing value (`?`) is NaN
 * @throws Error `source:line: reason` for the first malformed line
 */
export function parseTimeSeries(text: string, source: string): TimeSeriesData {
  const header: Header = {};
  const data: TimeSeriesData = { series: [], lengths: [], channels: 0, labels: [], classNames: [] };
  let inData = false;

  const readLine = (line: string): void => {
    if (line === '' || line.startsWith('#') || line.startsWith('%')) return;
    if (inData) {
      data.channels ||= headerChannels(header) ?? line.split(':').length - 1;
      const { values, length, label } = parseCase(line, data.channels);
      const expected = header.seriesLength ?? data.lengths[0] ?? length;
      if (header.equalLength && length !== expected) {
        throw new Error(`the case has ${length} positions; @equalLength asks for ${expected}`);
      }
      const index = data.classNames.indexOf(label);
      if (index < 0) throw new Error(`the label was '${label}'; it must be one of ${data.classNames.join(', ')}`);
      data.series.push(values);
      data.lengths.push(length);
      data.labels.push(index);
    } else if (line.toLowerCase() === '@data') {
      if (!header.classNames) throw new Error('@data stands before @classLabel');
      if (header.univariate && (header.dimensions ?? 1) !== 1) {
        throw new Error(`@univariate is true, but @dimensions is ${header.dimensions}`);
      }
      data.classNames = header.classNames;
      inData = true;
    } else if (line.startsWith('@')) {
      parseTag(line, header);
    } else {
      throw new Error('the line is neither a comment nor a header line, and @data has not come yet');
    }
  };

  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  lines.forEach((line, index) => {
    try {
      readLine(line.trim());
    } catch (error) {
      throw new Error(`${source}:${index + 1}: ${(error as Error).message}`, { cause: error });
    }
  });
  if (!inData) throw new Error(`${source}:${lines.length}: the file ends without @data`);
  if (data.series.length === 0) throw new Error(`${source}:${lines.length}: the file ends without a case`);
  return data;
}
