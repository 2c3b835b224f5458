// Numbers for people.

/** A number with four digits that count: 0.08456, 1.000, 12350. */
export function fourDigits(value: number): string {
  return value.toLocaleString('en', {
    minimumSignificantDigits: 4,
    maximumSignificantDigits: 4,
    useGrouping: false,
  });
}

/** With so many decimals, 0 without a sign: -0.004 is 0.0. */
export function fixed(value: number, decimals: number): string {
  return value.toFixed(decimals).replace(/^-(0(\.0*)?)$/, '$1');
}

/** 0.427 as '43 %', or with more digits '42.7 %'. */
export function percent(share: number, digits = 0): string {
  return `${fixed(100 * share, digits)} %`;
}
