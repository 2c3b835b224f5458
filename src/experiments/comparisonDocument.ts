import { pickProperties } from '../pickProperties.js';
import type { DataBaseline } from './dataBaselines.js';
import type { FailedRun } from './compareForms.js';
import type { ComparisonFigures, ReportInput } from './comparisonReport.js';
import type { BestModel } from './keepBest.js';
import type { PairedTest } from './pairedTests.js';
import type { Protocol } from './runConfig.js';
import type { RunRecord } from './runStore.js';
import { scoresOfTask, type SummaryRow } from './summary.js';
import type { RunHeads } from './trainRun.js';

/** Something for each figure of a run: after the last epoch, after that which the validation chose, the best on the test part. */
interface Figures<Value> {
  last: Value;
  validation: Value | null;
  best: Value;
}

/** Scores of classes are accuracies, from 0 to 1; of other tasks there are several. */
type DocumentScores<Value> = { testAccuracy: Figures<Value> } | { testScores: Figures<Record<string, Value>> };

/** A run in a comparison's document. */
export type RunDocument = DocumentScores<number> & {
  data: string;
  form: string;
  seed: number;
  parameters: number;
  seconds: number;
  heads?: RunHeads;
};

/** A comparison as one JSON document. */
export interface ComparisonDocument {
  results: RunDocument[];
  summary: (Omit<SummaryRow, 'test' | 'task'> &
    DocumentScores<SummaryRow['test']['last'][keyof SummaryRow['test']['last']]>)[];
  tests: PairedTest[];
  /** Simple rules on the test parts, beside which the forms are to be seen. */
  baselines: readonly DataBaseline[];
  failed: readonly FailedRun[];
  best: readonly BestModel[];
  protocol: Protocol;
  /** Path of the page. */
  report: string;
}

/** The scores of a run or row as the document has them. */
function scoresIn<Value>(
  task: RunRecord['config']['task'],
  { last, validation, best }: Figures<Partial<Record<string, Value>>>,
): DocumentScores<Value> {
  const names = scoresOfTask(task);
  const [main] = names;
  if (task === 'classification') {
    const of = (scores: Partial<Record<string, Value>>) => scores[main]!;
    return { testAccuracy: { last: of(last), validation: validation && of(validation), best: of(best) } };
  }
  const of = (scores: Partial<Record<string, Value>>) => pickProperties(scores, names) as Record<string, Value>;
  return { testScores: { last: of(last), validation: validation && of(validation), best: of(best) } };
}

/**
 * @param input see ReportInput
 * @param figures of it
 * @param report path of the page
 */
export function comparisonDocument(
  { records, failed, best, protocol, baselines }: ReportInput,
  { summary, tests }: ComparisonFigures,
  report: string,
): ComparisonDocument {
  return {
    results: records.map(({ config: { data, form, seed, task }, parameters, seconds, test, heads }) => ({
      ...{ data, form, seed, parameters, seconds },
      ...scoresIn<number>(task, test),
      ...(heads && { heads }),
    })),
    summary: summary.map(({ task, test, ...row }) => ({ ...row, ...scoresIn(task, test) })),
    ...{ tests, baselines, failed, best, protocol, report },
  };
}
