import { join } from 'node:path';
import { writeTogether } from '../files/writeTogether.js';
import type { FailedRun } from './compareForms.js';
import {
  type ComparisonFigures,
  comparisonFigures,
  comparisonMarkdown,
  comparisonPage,
  type ReportInput,
} from './comparisonReport.js';
import type { BestModel } from './keepBest.js';
import type { Protocol } from './runConfig.js';
import type { RunResult } from './trainRun.js';

/** A comparison as one JSON document. */
export interface ComparisonDocument extends ComparisonFigures {
  results: ({ data: string; form: string; seed: number } & Pick<
    RunResult,
    'parameters' | 'seconds' | 'testAccuracy'
  >)[];
  failed: readonly FailedRun[];
  best: readonly BestModel[];
  protocol: Protocol;
  /** Path of the page. */
  report: string;
}

/**
 * Writes what a comparison found: `results.json`, `table.md` and `report.html`, all or none of them.
 *
 * @param folder there must be one
 * @param input see ReportInput
 * @returns what is in the first two
 * @throws the file system's errors
 */
export async function writeComparison(
  folder: string,
  input: ReportInput,
): Promise<{ document: ComparisonDocument; markdown: string }> {
  const { records, failed, best, protocol } = input;
  const figures = comparisonFigures(input);
  const report = join(folder, 'report.html');
  const document: ComparisonDocument = {
    results: records.map(({ config: { data, form, seed }, parameters, seconds, testAccuracy }) => ({
      ...{ data, form, seed, parameters, seconds, testAccuracy },
    })),
    ...figures,
    ...{ failed, best, protocol, report },
  };
  const markdown = comparisonMarkdown(input, figures);
  await writeTogether(
    new Map([
      [join(folder, 'results.json'), `${JSON.stringify(document, null, 2)}\n`],
      [join(folder, 'table.md'), `${markdown}\n`],
      [report, await comparisonPage(input, figures)],
    ]),
  );
  return { document, markdown };
}
