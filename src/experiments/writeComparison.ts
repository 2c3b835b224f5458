import { join } from 'node:path';
import { writeTogether } from '../files/writeTogether.js';
import { type ComparisonDocument, comparisonDocument } from './comparisonDocument.js';
import { comparisonFigures, comparisonMarkdown, comparisonPage, type ReportInput } from './comparisonReport.js';

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
  const figures = comparisonFigures(input);
  const report = join(folder, 'report.html');
  const document = comparisonDocument(input, figures, report);
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
