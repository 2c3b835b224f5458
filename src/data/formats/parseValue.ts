import { quoted } from '../../checks/quoted.js';

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * @param text a decimal number, or `?` or `NaN` for a missing value
 * @param channel from 0, for errors
 * @param position from 0, for errors
 * @returns the number, finite as a float32; NaN if missing
 * @throws Error that names channel and position, from 1, if the text is none of these
 */
export function parseValue(text: string, channel: number, position: number): number {
  const trimmed = text.trim();
  const isNumber = number.test(trimmed);
  const value = Number(trimmed);
  if (isNumber && Number.isFinite(Math.fround(value))) return value;
  if (/^(\?|nan)$/i.test(trimmed)) return NaN;
  const must = isNumber ? 'a number that float32 holds, up to 3.4e38' : 'a number';
  throw new Error(
    `channel ${channel + 1}, position ${position + 1} was ${quoted(trimmed)}; it must be ${must}, or ? if missing`,
  );
}
