import { quoted } from '../../checks/quoted.js';
import { isNumber, type NumberForm } from './numbers.js';

/** 2024-05-01, with a time of day perhaps; a blank may replace the T. */
const date = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?)? ?(Z|[+-]\d{2}:?\d{2})?$/;
const timeOfDay = /^(\d+):([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?$/;

/** Whether a month has the day that a date begins with: Date.parse takes 2020-02-30 for the first of March. */
const isDay = (text: string) => new Date(Date.parse(text.slice(0, 10))).getUTCDate() === Number(text.slice(8, 10));

/**
 * @param text a number, a date or time as ISO 8601 has them, or hours:minutes:seconds
 * @param form how numbers are written
 * @param place what the cell is called, for errors
 * @returns a number that rises with the time; only those of one table can be compared
 * @throws Error if it is none of these
 */
export function parseTime(text: string, { decimal }: NumberForm, place: () => string): number {
  if (isNumber(text)) return Number(decimal === 'comma' ? text.replace(',', '.') : text);
  const [, hours, minutes, seconds = '0'] = timeOfDay.exec(text) ?? [];
  if (hours !== undefined) return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(',', '.'));
  const [, fraction = ''] = /[.,](\d+)/.exec(text) ?? [];
  const iso =
    date.test(text) && isDay(text)
      ? text
          .replace(' ', 'T')
          .replace(/[.,]\d+/, '')
          .replace(/ (?=[Z+-])/, '')
      : '';
  // A Date holds milliseconds; logs have more digits.
  const found =
    Date.parse(/T/.test(iso) && !/(Z|[+-]\d{2}:?\d{2})$/.test(iso) ? `${iso}Z` : iso) / 1000 +
    Number(`0.${fraction || '0'}`);
  if (Number.isFinite(found)) return found;
  throw new Error(
    `${place()} was ${quoted(text)}; it must be a time: a number, a date such as 2024-05-01T12:30:00, or hours:minutes:seconds`,
  );
}

/** @throws Error unless a time is later than that of the row before */
export function checkLater(
  time: number,
  before: number,
  text: string,
  textBefore: string | undefined,
  place: () => string,
): void {
  if (time > before) return;
  throw new Error(
    `${place()} was ${quoted(text)}; it must be later than in the row before, ${quoted(textBefore ?? '')}: rows must be in the ` +
      'order of time',
  );
}
