/** Rows of the parts: each from `start` up to `end`. */
export interface ForecastParts {
  train: { start: number; end: number };
  validation: { start: number; end: number };
  test: { start: number; end: number };
}

const MONTH = 30 * 24;

/** 12, 4 and 4 months of 30 days, with so many rows an hour. */
const months = (rowsAnHour: number) => (): [number, number, number] => {
  const month = MONTH * rowsAnHour;
  return [12 * month, 16 * month, 20 * month];
};

/** How rows are divided: 0.7, 0.1 and 0.2 of them; or 12, 4 and 4 months of the ETT sets, hourly or every 15 minutes. */
export type ForecastSplit = 'fractions' | 'ett-hours' | 'ett-minutes';

const splits: Record<ForecastSplit, (rows: number) => [number, number, number]> = {
  fractions: (rows) => {
    const [train, test] = [Math.floor(0.7 * rows), Math.floor(0.2 * rows)];
    return [train, rows - test, rows];
  },
  'ett-hours': months(1),
  'ett-minutes': months(4),
};

export const forecastSplits = Object.keys(splits) as ForecastSplit[];

/**
 * The parts of a table in the order of time, as the literature on long-term forecasting has them.
 *
 * @throws Error if there are too few rows
 * @see Zhou et al., Informer, arXiv 2012.07436; Nie et al., PatchTST, arXiv 2211.14730
 */
export function forecastParts(source: string, rows: number, split: ForecastSplit): ForecastParts {
  const [train, validation, test] = splits[split](rows);
  if (test > rows) {
    throw new Error(`${source}: the table has ${rows} rows; it must have ${test} for the split '${split}'`);
  }
  return {
    train: { start: 0, end: train },
    validation: { start: train, end: validation },
    test: { start: validation, end: test },
  };
}
