const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * @param text a decimal number, or `?` or `NaN` for a missing value
 * @param channel from 0, for errors
 * @param position from 0, for errors
 * @returns the number, NaN if missing
 * @throws Error that names channel and position, from 1, if the text is neither
 */
export function parseValue(text: string, channel: number, position: number): number {
  const trimmed = text.trim();
  if (number.test(trimmed)) return Number(trimmed);
  if (/^(\?|nan)$/i.test(trimmed)) return NaN;
  throw new Error(
    `channel ${channel + 1}, position ${position + 1} was '${trimmed}'; it must be a number, or ? if missing`,
  );
}
