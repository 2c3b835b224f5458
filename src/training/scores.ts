import { percent as toPercent } from '../report/numbers.js';

/** A figure that says how well a model does: which way is better, and how reports show it. */
export interface Score {
  /** For people. */
  title: string;
  better: 'higher' | 'lower';
  /** @returns '' where there is nothing to show */
  format: (value: number) => string;
  /** With more digits, for the result of a command; default: as `format`. */
  exact?: (value: number) => string;
  /** In charts: numbers as d3-format writes them, with as many decimals as tell them apart, and whether the axis begins at 0. */
  axis: { format: string; zero: boolean };
}

/** A figure without a value is NaN, and null where a file has held it. */
const shown = (format: (value: number) => string) => (value: number) => (Number.isFinite(value) ? format(value) : '');

const fourDecimals = shown((value) => value.toFixed(4));
/** In the units of the data, which may be any. */
const fourDigits = shown((value) => String(Number(value.toPrecision(4))));
const inUnits = { better: 'lower', format: fourDigits, axis: { format: '~g', zero: true } } as const;

/** A share as reports show it: 0.427 as '42.7 %', NaN as ''. */
export const percent = shown((share) => toPercent(share, 1));

/** All scores, by the name they have in Progress, Evaluation and files. */
export const scores = {
  loss: { title: 'loss', better: 'lower', format: fourDecimals, axis: { format: 'f', zero: true } },
  accuracy: {
    ...{ title: 'accuracy', better: 'higher', format: percent, axis: { format: '%', zero: false } },
    exact: shown((share) => toPercent(share, 2)),
  },
  macroF1: { title: 'macro F1', better: 'higher', format: fourDecimals, axis: { format: 'f', zero: false } },
  mse: { title: 'MSE', better: 'lower', format: fourDecimals, axis: { format: '~g', zero: true } },
  rmse: { title: 'RMSE', ...inUnits },
  mae: { title: 'MAE', ...inUnits },
  r2: { title: 'R²', better: 'higher', format: fourDecimals, axis: { format: 'f', zero: false } },
} as const satisfies Record<string, Score>;

export type ScoreName = keyof typeof scores;

/** A number for each of some scores, in their order. */
export function scoresOf<Name extends ScoreName>(
  names: readonly Name[],
  numberOf: (name: Name) => number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, numberOf(name)])) as Record<Name, number>;
}

/** A score as the result of a command shows it. */
export function exactly(name: ScoreName, value: number): string {
  const { format, exact = format }: Score = scores[name];
  return exact(value);
}

/** Scores as people read them: 'loss 0.1234', 'accuracy 98.71 %'. */
export function scoreTexts<Name extends ScoreName>(
  names: readonly Name[],
  from: Partial<Record<Name, number>>,
): string[] {
  return names.map((name) => `${scores[name].title} ${exactly(name, from[name]!)}`);
}
