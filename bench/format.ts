// Numbers for tables.

/** A number with four digits that count: 0.08456, 1.000, 12350. */
export function fourDigits(value: number): string {
  return value.toLocaleString('en', {
    minimumSignificantDigits: 4,
    maximumSignificantDigits: 4,
    useGrouping: false,
  });
}
