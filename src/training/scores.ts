/** A figure that says how well a model does: which way is better, and how reports show it. */
export interface Score {
  /** For people. */
  title: string;
  better: 'higher' | 'lower';
  /** @returns '' where there is nothing to show */
  format(value: number): string;
  /** In charts: numbers as d3-format writes them, and whether the axis begins at 0. */
  axis: { format: string; zero: boolean };
}

const fourDecimals = (value: number) => value.toFixed(4);

/** A share as reports show it: 0.427 as '42.7 %', NaN as ''. */
export const percent = (share: number) => (Number.isNaN(share) ? '' : `${(100 * share).toFixed(1)} %`);

/** All scores, by the name they have in Progress, Evaluation and files. */
export const scores = {
  loss: { title: 'loss', better: 'lower', format: fourDecimals, axis: { format: '.2f', zero: true } },
  accuracy: { title: 'accuracy', better: 'higher', format: percent, axis: { format: '.0%', zero: false } },
  macroF1: { title: 'macro F1', better: 'higher', format: fourDecimals, axis: { format: '.2f', zero: false } },
} as const satisfies Record<string, Score>;

export type ScoreName = keyof typeof scores;

/** A number for each of some scores, in their order. */
export function scoresOf<Name extends ScoreName>(
  names: readonly Name[],
  numberOf: (name: Name) => number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, numberOf(name)])) as Record<Name, number>;
}
