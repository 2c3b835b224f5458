// Cases without labels, in any of several forms: .ts, CSV or JSON text, IDX bytes, lines of tokens.

import type { LabelledData, LabelledImages } from '../labelledData.js';
import { decodeText } from '../../files/strictText.js';
import { atLine } from '../../files/atLine.js';
import { ArffParser } from './arffParser.js';
import type { ExpectedCases } from './expectedCases.js';
import { resampled } from '../resample.js';
import { checkCsvOptions } from './parseCsv.js';
import { readTable } from '../tables/readTable.js';
import { parseJsonCases } from './parseJsonCases.js';
import { parseJsonLines } from './parseJsonLines.js';
import { parseTimeSeries } from './parseTimeSeries.js';
import { parseTokenLines } from './parseTokenLines.js';
import { parseIdx } from './readIdx.js';

/** An array of arrays or texts. A list of tokens may begin with a bracket too: `[MAX 2 3 ]`. */
const json = /^\s*\[\s*[[\]"]/;
/** Bytes of what is decoded at once; V8's strings hold a few more. */
const LONGEST_TEXT = 500_000_000;

/** Objects, or arrays of which each has a line. */
const jsonLines = /^\s*(\{|\[\s*["[\dnN-][^\r\n]*\][ \t]*[\r\n]+\s*\[)/;
const lineEnd = /\r\n|\n|\r/;

const timeSeries = /^\s*[@#%]/;
/** Bytes in which a file says that it is ARFF. */
const LOOKED_AT = 1 << 16;
const isArff = (text: string) => /^[ \t]*@relation\b/im.test(text.slice(0, LOOKED_AT));

function parseArff(text: string, source: string): LabelledData {
  const parser = new ArffParser({ labels: 'optional' });
  const lines = text.split(lineEnd);
  lines.forEach((line, index) => atLine(source, index + 1, () => parser.line(line)));
  return atLine(source, lines.length, () => parser.finish());
}

/** Images of an IDX file: [cases, height, width], or with channels last. */
function imagesOf(bytes: Uint8Array, source: string): Omit<LabelledImages, 'classNames'> {
  const { shape, values } = parseIdx(bytes, source);
  if (![3, 4].includes(shape.length) || shape.includes(0)) {
    throw new Error(
      `${source}: the shape was [${shape.join(', ')}]; it must be [cases, height, width], perhaps channels, each 1 or more`,
    );
  }
  const [cases, height, width, channels = 1] = shape;
  return { kind: 'images', images: values, height, width, channels, labels: new Array<number>(cases).fill(-1) };
}

/**
 * Parses cases to classify. The first characters tell their form: `@relation` is ARFF, another `@` or `#` is `.ts`; `{`, or `[` in
 * each line, are JSON lines (see parseJsonLines), `[[` or `["` JSON (see parseJsonCases); two zero bytes IDX. Anything else is
 * lines of tokens for a model of tokens, else a table (see parseCsv).
 *
 * @param bytes the cases
 * @param source their name, for errors
 * @param expected what the model expects that they are for
 * @returns the cases; labels that the form has are not kept
 * @throws Error with the source and the place of what is wrong
 */
export async function parseCases(bytes: Uint8Array, source: string, expected: ExpectedCases): Promise<LabelledData> {
  const cases = await parseForm(bytes, source, expected);
  return resampled({ ...cases, labels: cases.labels.map(() => -1), classNames: expected.classNames }, expected.read);
}

async function parseForm(bytes: Uint8Array, source: string, expected: ExpectedCases): Promise<LabelledData> {
  const { kind, classNames, vocabulary, channels, reading, read } = expected;
  if (bytes[0] === 0 && bytes[1] === 0) return { ...imagesOf(bytes, source), classNames };
  if (bytes.length > LONGEST_TEXT) {
    throw new Error(`${source}: has ${bytes.length} bytes; text must have at most ${LONGEST_TEXT}`);
  }
  const text = decodeText(bytes, source);
  if (jsonLines.test(text)) return parseJsonLines(text.split(lineEnd), source, expected);
  if (json.test(text)) return parseJsonCases(text, source, expected);
  if (timeSeries.test(text)) {
    return isArff(text) ? parseArff(text, source) : parseTimeSeries(text, source, { labels: 'optional' });
  }
  if (kind === 'tokens') return { ...parseTokenLines(text, source, vocabulary!), classNames };
  const options = { ...read, labels: 'ignored', channels, reading } as const;
  checkCsvOptions('readCsv', options);
  return readTable(bytes, source, options);
}
