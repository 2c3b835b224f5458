/** 2016-07-01, perhaps with a time of day. */
const date = /^\d{4}-\d{2}-\d{2}(?:([T ])\d{2}:\d{2}(:\d{2})?Z?)?$/;

/**
 * @param text a number, or a date as ISO 8601 has it, perhaps with a time of day, which is taken as UTC
 * @returns a number that rises with the time: milliseconds of a date; NaN if it is neither
 */
export function timeOf(text: string): number {
  if (!date.test(text)) return text.trim() === '' ? NaN : Number(text);
  const iso = text.replace(' ', 'T').replace(/Z$/, '');
  return Date.parse(iso.length > 10 ? `${iso}Z` : iso);
}

/** A time in the form of another one. */
function inFormOf(example: string, time: number): string {
  const form = date.exec(example);
  if (!form) return `${time}`;
  const iso = new Date(time).toISOString();
  if (form[1] === undefined) return iso.slice(0, 10);
  return `${iso.slice(0, 10)}${form[1]}${iso.slice(11, form[2] === undefined ? 16 : 19)}${example.endsWith('Z') ? 'Z' : ''}`;
}

/**
 * The times that come next.
 *
 * @param times of equal steps, in rising order, two or more
 * @param count how many
 * @returns undefined where the steps are not equal, as those of months
 */
export function nextTimes(times: readonly string[], count: number): string[] | undefined {
  const numbers = times.map(timeOf);
  const last = numbers.length - 1;
  const step = numbers[last] - numbers[last - 1];
  const isEven = numbers.every((time, i) => i === 0 || Math.abs(time - numbers[i - 1] - step) <= 1e-9 * Math.abs(step));
  if (last < 1 || !isEven) return undefined;
  return Array.from({ length: count }, (_, index) => inFormOf(times[last], numbers[last] + (index + 1) * step));
}
