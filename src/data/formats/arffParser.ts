import { listed, quoted } from '../../checks/quoted.js';
import type { TimeSeriesData } from '../timeSeries.js';
import { parseValue } from './parseValue.js';
import { labelsOf, type TimeSeriesOptions } from './timeSeriesParser.js';

/** What one `@attribute` declares. */
interface Attribute {
  name: string;
  /** Names of the classes; undefined for numbers. */
  classes?: string[];
  /** Whether a cell holds several channels. */
  isRelational: boolean;
}

/** Cells between commas, which count neither in quotes nor after a backslash; `was` tells those that were quoted. */
function cellsOf(text: string): { text: string; isQuoted: boolean }[] {
  const cells: { text: string; isQuoted: boolean }[] = [];
  const pattern = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,'"]*))\s*(,|$)/y;
  while (pattern.lastIndex < text.length || cells.length === 0) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) throw new Error(`column ${at + 1} begins a cell that is not closed, or closed within`);
    const [, single, double, plain = '', end] = match;
    const inner = single ?? double;
    cells.push({ text: inner ?? plain.trim(), isQuoted: inner !== undefined });
    if (end === '') break;
    if (pattern.lastIndex === text.length) {
      cells.push({ text: '', isQuoted: false });
      break;
    }
  }
  return cells;
}

const numeric = /^(numeric|real|integer)$/i;

function parseAttribute(text: string): Attribute {
  const match = /^@attribute\s+(?:'([^']*)'|"([^"]*)"|([^\s{]+))(?:\s+|(?=\{))(\{.*\}|[^\s{].*)$/i.exec(text);
  if (!match)
    throw new Error(`${quoted(text)} is no attribute; it must be @attribute, a name, and what its values are`);
  const [, single, double, plain, type] = match;
  const name = single ?? double ?? plain;
  if (type.startsWith('{')) {
    const classes = cellsOf(type.slice(1, type.lastIndexOf('}'))).map((cell) => cell.text);
    if (new Set(classes).size < classes.length) throw new Error(`attribute ${quoted(name)} names a class twice`);
    return { name, classes, isRelational: false };
  }
  const isRelational = /^relational$/i.test(type.trim());
  if (isRelational || numeric.test(type.trim())) return { name, isRelational };
  throw new Error(
    `attribute ${quoted(name)} was ${quoted(type.trim())}; it must be numeric, relational, or classes in braces`,
  );
}

/**
 * Takes the lines of an ARFF file one by one, as the UEA and UCR archives write them. Univariate: numeric attributes, one for each
 * position, and one with the classes. Multivariate: a relational attribute, whose cell is quoted and holds a line for each channel,
 * and one with the classes. Its errors give only the reason; the caller adds file and line.
 */
export class ArffParser {
  private readonly attributes: Attribute[] = [];
  private readonly data: TimeSeriesData = {
    ...{ kind: 'series', series: [], lengths: [], channels: 0, labels: [], classNames: [] },
  };
  private readonly optional: boolean;
  private inData = false;
  private inRelation = false;
  private labelAt = -1;

  constructor(options: TimeSeriesOptions = {}) {
    const labels = labelsOf('ArffParser', options);
    this.optional = labels === 'optional';
  }

  /** @throws Error if the line is malformed */
  line(text: string): void {
    const line = text.trim();
    if (line === '' || line.startsWith('%')) return;
    if (this.inData) this.addCase(line);
    else this.addHeader(line);
  }

  /** @throws Error if something is missing */
  finish(): TimeSeriesData {
    if (!this.inData) throw new Error('the file ends without @data');
    if (this.data.series.length === 0) throw new Error('the file ends without a case');
    return this.data;
  }

  private addHeader(line: string): void {
    const [key] = line.toLowerCase().split(/\s/);
    if (key === '@relation') return;
    if (key === '@end') this.inRelation = false;
    else if (key === '@data') this.beginData();
    else if (key !== '@attribute') throw new Error(`${quoted(line)} is neither @relation, @attribute, @end nor @data`);
    else {
      const attribute = parseAttribute(line);
      if (this.inRelation) {
        if (attribute.classes)
          throw new Error(`attribute ${quoted(attribute.name)} has classes; within a relation all are numeric`);
        return;
      }
      this.attributes.push(attribute);
      this.inRelation = attribute.isRelational;
    }
  }

  private beginData(): void {
    const { attributes } = this;
    const classes = attributes.filter(({ classes }) => classes);
    if (classes.length > 1) {
      throw new Error(`${listed(classes.map(({ name }) => name))} all have classes; one attribute must`);
    }
    if (classes.length === 0 && !this.optional) throw new Error('no attribute has classes in braces; one must');
    const relations = attributes.filter(({ isRelational }) => isRelational).length;
    const values = attributes.length - classes.length;
    if (values === 0) throw new Error('no attribute holds values; one or more must');
    if (relations > 0 && values > 1)
      throw new Error('there are other attributes beside the relational one; only the class may be');
    this.labelAt = attributes.findIndex(({ classes }) => classes);
    this.data.classNames = classes[0]?.classes ?? [];
    this.inData = true;
  }

  private addCase(line: string): void {
    if (line.startsWith('{'))
      throw new Error('the case is in braces, which are for sparse data; it must hold all values');
    const { attributes, data } = this;
    const cells = cellsOf(line);
    if (cells.length !== attributes.length) {
      throw new Error(`the case has ${cells.length} cells; it must have ${attributes.length}, as there are attributes`);
    }
    const label = this.labelAt < 0 ? -1 : this.labelOf(cells[this.labelAt].text);
    const values = cells.filter((_, index) => index !== this.labelAt);
    const isRelational = attributes.some((attribute) => attribute.isRelational);
    if (isRelational && !values[0].isQuoted)
      throw new Error('the channels of the case are not in quotes; they must be');
    const rows = isRelational
      ? values[0].text.split(/\\n|\n/).map((row) => row.split(','))
      : [values.map((value) => value.text)];
    const [{ length }] = rows;
    data.channels ||= rows.length;
    if (rows.length !== data.channels) {
      throw new Error(`the case has ${rows.length} channels; it must have ${data.channels}, as the first case`);
    }
    const series = new Float32Array(length * rows.length);
    rows.forEach((row, c) => {
      if (row.length !== length) {
        throw new Error(`channel ${c + 1} has ${row.length} values; it must have ${length}, as channel 1 has`);
      }
      row.forEach((value, t) => (series[t * rows.length + c] = parseValue(value, c, t)));
    });
    if (series.every(Number.isNaN))
      throw new Error('the case has no value; it must have at least one that is not missing');
    data.series.push(series);
    data.lengths.push(length);
    data.labels.push(label);
  }

  private labelOf(label: string): number {
    const { classNames } = this.data;
    if (this.optional && (label === '' || label === '?')) return -1;
    const index = classNames.indexOf(label);
    if (index < 0) throw new Error(`the label was ${quoted(label)}; it must be one of ${listed(classNames)}`);
    return index;
  }
}
