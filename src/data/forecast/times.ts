import { parseTime } from '../tables/times.js';

/** 2016-07-01, perhaps with a time of day, and perhaps that with where it is. */
const date = /^\d{4}-\d{2}-\d{2}(?:([T ])\d{2}:\d{2}(:\d{2})?(?: ?(Z|[+-]\d{2}:?\d{2}))?)?$/;
const clock = /^(\d+):\d{2}(:\d{2})?$/;
const twoDigits = (value: number) => `${value}`.padStart(2, '0');

/** Seconds that a time of day at a place is ahead of that in UTC. */
function secondsAhead(zone: string): number {
  if (zone === '' || zone === 'Z') return 0;
  const [, sign, hours, minutes] = /([+-])(\d{2}):?(\d{2})/.exec(zone)!;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

/** A time in the form of another one; undefined if that has more than this function writes. */
function inFormOf(example: string, seconds: number): string | undefined {
  const [matched, hours = '', withSeconds] = clock.exec(example) ?? [];
  if (matched !== undefined) {
    const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
    if (!Number.isInteger(seconds) || (rest !== 0 && withSeconds === undefined)) return undefined;
    const hour = `${Math.floor(minutes / 60)}`.padStart(hours.length, '0');
    return `${hour}:${twoDigits(minutes % 60)}${withSeconds === undefined ? '' : `:${twoDigits(rest)}`}`;
  }
  const form = date.exec(example);
  if (!form) {
    const number = `${Number(seconds.toPrecision(15))}`;
    return /[:-]\d/.test(example.slice(1)) ? undefined : example.includes(',') ? number.replace('.', ',') : number;
  }
  const [, between, toSeconds, zone = ''] = form;
  const iso = new Date(1000 * (seconds + secondsAhead(zone))).toISOString();
  if (between === undefined) return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : undefined;
  const end = toSeconds === undefined ? 16 : 19;
  if (!/^[:0.]*Z$/.test(iso.slice(end))) return undefined;
  return `${iso.slice(0, 10)}${between}${iso.slice(11, end)}${example.slice(end)}`;
}

/**
 * The times that come next.
 *
 * @param times of equal steps, in rising order, two or more, as parseTime takes them
 * @param count how many
 * @returns undefined where the steps are not equal, as those of months, or the form has more than seconds
 */
export function nextTimes(times: readonly string[], count: number): string[] | undefined {
  const decimal = times.some((text) => /^[^:]*,[^:]*$/.test(text)) ? 'comma' : 'point';
  const seconds = times.map((text) => parseTime(text, { decimal, missing: new Set() }, () => 'time'));
  const last = seconds.length - 1;
  const step = seconds[last] - seconds[last - 1];
  // Times of today in seconds have 17 digits with their microseconds.
  const least = 1e-9 * Math.abs(step) + 1e-15 * Math.abs(seconds[last]);
  const isEven = seconds.every((time, i) => i === 0 || Math.abs(time - seconds[i - 1] - step) <= least);
  if (last < 1 || !isEven) return undefined;
  const next = Array.from({ length: count }, (_, index) => inFormOf(times[last], seconds[last] + (index + 1) * step));
  return next.every((time) => time !== undefined) ? next : undefined;
}
