import { quotedJson } from '../../checks/quoted.js';
import { parseJson } from '../../files/parseJson.js';
import type { LabelledData } from '../labelledData.js';
import type { ExpectedCases } from './expectedCases.js';
import { parseTokenLines } from './parseTokenLines.js';

/** Says where something is wrong, and what it must be. */
type Fail = (where: string, found: unknown, must: string) => Error;

function listOf(value: unknown, where: string, fail: Fail): unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw fail(where, value, 'a list that is not empty');
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(Math.fround(value));

/** A number, or NaN for null: missing. */
function numberOf(value: unknown, where: string, fail: Fail): number {
  if (value === null) return NaN;
  if (isNumber(value)) return value;
  throw fail(
    where,
    value,
    `a number${typeof value === 'number' ? ' that float32 holds, up to 3.4e38' : ''}, or null if missing`,
  );
}

/** Numbers of a position or pixel: as many as channels, or a single number. */
function channelsOf(value: unknown, channels: number, where: string, fail: Fail): number[] {
  const values = channels === 1 && !Array.isArray(value) ? [value] : value;
  if (!Array.isArray(values) || values.length !== channels) throw fail(where, value, `a list of ${channels} numbers`);
  return values.map((one, c) => numberOf(one, channels === 1 ? where : `${where}, channel ${c + 1}`, fail));
}

function seriesOf(cases: unknown[], channels: number, first: number, fail: Fail) {
  const series = cases.map((one, i) => {
    const positions = listOf(one, `case ${first + i}`, fail);
    const values = new Float32Array(positions.length * channels);
    positions.forEach((position, t) => {
      const isPlain = Array.isArray(position) && position.length === channels && position.every(isNumber);
      // Places have names where there is something to say of them only.
      values.set(
        isPlain ? position : channelsOf(position, channels, `case ${first + i}, position ${t + 1}`, fail),
        t * channels,
      );
    });
    return values;
  });
  return { series, lengths: series.map(({ length }) => length / channels), channels };
}

function imagesOf(cases: unknown[], channels: number, first: number, fail: Fail) {
  const rowsOf = (one: unknown, i: number) =>
    listOf(one, `case ${first + i}`, fail).map((row, y) => listOf(row, `case ${first + i}, row ${y + 1}`, fail));
  const [height, width] = [rowsOf(cases[0], 0).length, rowsOf(cases[0], 0)[0].length];
  const pixels = cases.flatMap((one, i) => {
    const rows = rowsOf(one, i);
    const uneven = rows.findIndex((row) => row.length !== width);
    if (uneven >= 0)
      throw fail(`case ${first + i}, row ${uneven + 1}`, rows[uneven], `${width} pixels, as the first row`);
    if (rows.length !== height) throw fail(`case ${first + i}`, one, `${height} rows, as the first case`);
    return rows.flatMap((row, y) =>
      row.flatMap((pixel, x) => channelsOf(pixel, channels, `case ${first + i}, row ${y + 1}, pixel ${x + 1}`, fail)),
    );
  });
  return { images: Float32Array.from(pixels), height, width, channels };
}

/**
 * Parses a JSON list of cases:
 *
 * - series: a case is a list of positions, a position the list of its channels' numbers, or the one number of one channel;
 *   null is a missing value, and NaN, as Python writes it
 * - images: a case is a list of rows of pixels, a pixel like a position
 * - tokens: a case is a string of names separated by spaces, or the list of the names
 *
 * @param text the JSON
 * @param source its name, for errors
 * @param expected what the model expects
 * @throws Error with source and place of what is wrong
 */
export function parseJsonCases(text: string, source: string, expected: ExpectedCases): LabelledData {
  try {
    return jsonCases(parseJson(text, true), source, expected);
  } catch (error) {
    const { message } = error as Error;
    throw message.startsWith(source) ? error : new Error(`${source}: ${message}`, { cause: error });
  }
}

/**
 * What parseJsonCases makes of JSON that was parsed.
 *
 * @param first number of the first case, for errors
 * @throws Error with source and place of what is wrong
 */
export function jsonCases(cases: unknown, source: string, expected: ExpectedCases, first = 1): LabelledData {
  const { kind, channels, classNames, vocabulary } = expected;
  const fail: Fail = (where, found, must) =>
    // JSON has no infinity: a number that is none was too large.
    new Error(`${source}: ${where} was ${found === Infinity ? 'too large' : quotedJson(found)}; it must be ${must}`);
  const list = listOf(cases, 'the list of cases', fail);
  const labels = list.map(() => -1);
  if (kind === 'series') return { kind, ...seriesOf(list, channels, first, fail), labels, classNames };
  if (kind === 'images') return { kind, ...imagesOf(list, channels, first, fail), labels, classNames };
  const lines = list.map((one, i) => {
    const words = typeof one === 'string' ? one : Array.isArray(one) ? one.join(' ') : '';
    if (words.trim() === '') throw fail(`case ${first + i}`, one, 'a string or a list of tokens');
    return words.replaceAll(/\s+/g, ' ');
  });
  return { ...parseTokenLines(lines.join('\n'), source, vocabulary!), classNames };
}
