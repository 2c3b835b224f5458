import { listed, quoted } from '../../checks/quoted.js';
import { checkChoice, checkOptions } from '../../checks/values.js';
import { parseValue } from './parseValue.js';
import type { TimeSeriesData } from '../timeSeries.js';

/** How `.ts` text is read. */
export interface TimeSeriesOptions {
  /**
   * 'required', the default: each case has a label that `@classLabel` names. 'optional': the file may have none (no
   * `@classLabel`, or `@classLabel false`), and single labels may be `?` or nothing, as in cases to predict. With
   * `@targetLabel true`, the same holds for the numbers that cases end with.
   */
  labels?: 'required' | 'optional';
}

/** @throws Error, in the name of `owner`, if the options are others */
export function labelsOf(owner: string, options: TimeSeriesOptions): 'required' | 'optional' {
  checkOptions(owner, options, ['labels'] satisfies (keyof TimeSeriesOptions)[]);
  const { labels = 'required' } = options;
  checkChoice(owner, 'labels', labels, ['required', 'optional']);
  return labels;
}

interface Header {
  dimensions?: number;
  univariate?: boolean;
  equalLength?: boolean;
  seriesLength?: number;
  classNames?: string[];
  /** Whether each case ends with a number to learn. */
  targetLabel?: boolean;
}

function parseFlag(key: string, value: string): boolean {
  if (!/^(true|false)$/i.test(value)) throw new Error(`${key} was ${quoted(value)}; it must be true or false`);
  return value.toLowerCase() === 'true';
}

function parseCount(key: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new Error(`${key} was ${quoted(value)}; it must be a positive integer`);
  return Number(value);
}

/** @returns the classes' names; none if the file says that it has no labels */
function parseClasses(words: string[]): string[] {
  const [hasLabels = '', ...names] = words;
  if (!parseFlag('@classLabel', hasLabels)) return [];
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
    case '@targetlabel':
      header.targetLabel = parseFlag(key, words[0] ?? '');
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

/** The number of channels a header requires, if it gives one. */
function headerChannels({ dimensions, univariate }: Header): number | undefined {
  return univariate ? 1 : dimensions;
}

/** The column of a line, from 1, at which value `t` of field `c` begins; the line begins with the fields. */
function columnOf(fields: readonly string[], c: number, t: number): number {
  const before = [...fields.slice(0, c), ...fields[c].split(',').slice(0, t)];
  const [value] = fields[c].split(',').slice(t);
  return before.reduce((sum, text) => sum + text.length + 1, 1) + value.length - value.trimStart().length;
}

/**
 * The channels of one case, each `v,v,...`, into time-major order.
 *
 * @param indent characters of the line before the fields, for errors
 */
function parseCase(
  fields: readonly string[],
  channels: number,
  indent: number,
): { values: Float32Array; length: number } {
  if (fields.length !== channels) throw new Error(`the case has ${fields.length} channels; it must have ${channels}`);
  const columns = fields.map((field) => field.split(','));
  const length = columns[0].length;
  const values = new Float32Array(length * channels);
  columns.forEach((column, c) => {
    if (column.length !== length) {
      throw new Error(`channel ${c + 1} has ${column.length} values; it must have ${length}, as channel 1 has`);
    }
    let t = 0;
    try {
      for (; t < length; t++) values[t * channels + c] = parseValue(column[t], c, t);
    } catch (error) {
      throw new Error(`${(error as Error).message} (column ${indent + columnOf(fields, c, t)})`, { cause: error });
    }
  });
  return { values, length };
}

/**
 * Takes the lines of a `.ts` file one by one; see parseTimeSeries for the format. Its errors give only the
 * reason; the caller adds file and line.
 */
export class TimeSeriesParser {
  private readonly header: Header = {};
  private readonly data: TimeSeriesData = {
    ...{ kind: 'series', series: [], lengths: [], channels: 0, labels: [], classNames: [] },
  };
  private readonly optional: boolean;
  private inData = false;

  constructor(options: TimeSeriesOptions = {}) {
    const labels = labelsOf('TimeSeriesParser', options);
    this.optional = labels === 'optional';
  }

  /** @throws Error if the line is malformed */
  line(text: string): void {
    const line = text.trim();
    if (line === '' || line.startsWith('#') || line.startsWith('%')) return;
    if (this.inData) this.addCase(line, text.length - text.trimStart().length);
    else if (line.toLowerCase() === '@data') this.beginData();
    else if (line.startsWith('@')) parseTag(line, this.header);
    else throw new Error('the line is neither a comment nor a header line, and @data has not come yet');
  }

  /** @throws Error if something is missing */
  finish(): TimeSeriesData {
    if (!this.inData) throw new Error('the file ends without @data');
    if (this.data.series.length === 0) throw new Error('the file ends without a case');
    return this.data;
  }

  private beginData(): void {
    const { classNames, univariate, dimensions, targetLabel } = this.header;
    if (targetLabel && classNames?.length) throw new Error('@classLabel and @targetLabel are both true; one must be');
    if (targetLabel) this.data.targets = [];
    if (!this.optional && !targetLabel) {
      if (!classNames) throw new Error('@data stands before @classLabel');
      if (classNames.length === 0) throw new Error('@classLabel is false; only data with class labels is read');
    }
    if (univariate && (dimensions ?? 1) !== 1) {
      throw new Error(`@univariate is true, but @dimensions is ${dimensions}`);
    }
    this.data.classNames = classNames ?? [];
    this.inData = true;
  }

  private addCase(line: string, indent: number): void {
    const { data, header } = this;
    const fields = line.split(':');
    const label = this.data.targets ? this.takeTarget(fields) : this.takeLabel(fields);
    data.channels ||= headerChannels(header) ?? fields.length;
    const { values, length } = parseCase(fields, data.channels, indent);
    const expected = header.seriesLength ?? data.lengths[0] ?? length;
    if (header.equalLength && length !== expected) {
      throw new Error(`the case has ${length} positions; @equalLength asks for ${expected}`);
    }
    data.series.push(values);
    data.lengths.push(length);
    data.labels.push(label);
  }

  /** Takes the number off a case's fields; there is no class. */
  private takeTarget(fields: string[]): -1 {
    if (fields.length === 1) throw new Error('the case has no colon between its values and its target');
    const text = fields.pop()!.trim();
    const isMissing = text === '' || text === '?';
    const value = isMissing ? NaN : Number(text);
    if (!(this.optional && isMissing) && !Number.isFinite(Math.fround(value))) {
      throw new Error(`the target was ${quoted(text)}; it must be a number that float32 holds, up to 3.4e38`);
    }
    this.data.targets!.push(value);
    return -1;
  }

  /** Takes the label off a case's fields. */
  private takeLabel(fields: string[]): number {
    const { classNames, channels } = this.data;
    const wanted = channels || headerChannels(this.header);
    if (this.optional && fields.length === wanted) return -1; // there is none
    if (classNames.length > 0) {
      if (fields.length === 1) throw new Error('the case has no colon between its values and its label');
      return this.parseLabel(fields.pop()!.trim());
    }
    // Other programs write the colon before a label that is not there.
    const last = fields.at(-1)!.trim();
    if (fields.length > 1 && (last === '' || (last === '?' && fields.length - 1 === wanted))) fields.pop();
    return -1;
  }

  private parseLabel(label: string): number {
    const { classNames } = this.data;
    if (this.optional && (label === '' || label === '?')) return -1;
    const index = classNames.indexOf(label);
    if (index < 0) throw new Error(`the label was ${quoted(label)}; it must be one of ${listed(classNames)}`);
    return index;
  }
}
