/**
 * A series at a place between its positions, by linear interpolation. Nothing here but arithmetic, as it is part of the predict
 * runtime, too.
 *
 * @param valueAt the series' number at a position
 * @param length its positions
 * @param index 0 .. count - 1, which are spread evenly from its first position to its last
 * @param count 2 or more
 * @returns NaN where a number that it depends on is
 */
export function interpolated(
  valueAt: (position: number) => number,
  length: number,
  index: number,
  count: number,
): number {
  const place = (index * (length - 1)) / (count - 1);
  const before = Math.floor(place);
  const share = place - before;
  const value = valueAt(before);
  return share === 0 ? value : value + share * (valueAt(before + 1) - value);
}
