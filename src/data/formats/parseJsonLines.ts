import { quotedJson } from '../../checks/quoted.js';
import { atLine } from '../../files/atLine.js';
import { parseJson } from '../../files/parseJson.js';
import type { DataKind, LabelledData } from '../labelledData.js';
import type { ExpectedCases } from './expectedCases.js';
import { jsonCases } from './parseJsonCases.js';

/** The key that holds a case. */
export const lineKeys: Readonly<Record<DataKind, string>> = { series: 'series', images: 'image', tokens: 'tokens' };

/** What a line holds: a case, and its name if it has one. */
function caseOf(value: unknown, kind: DataKind): { value: unknown; id?: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { value };
  const { case: id, [lineKeys[kind]]: found, ...others } = value as Record<string, unknown>;
  const known = `case, label and ${lineKeys[kind]}`;
  const unknown = Object.keys(others).find((key) => key !== 'label');
  if (unknown !== undefined) throw new Error(`a key was ${quotedJson(unknown)}; the keys are ${known}`);
  if (found === undefined) throw new Error(`there is no key ${lineKeys[kind]}; the keys are ${known}`);
  if (id === undefined) return { value: found };
  if (typeof id === 'string' || typeof id === 'number') return { value: found, id: `${id}` };
  throw new Error(`case was ${quotedJson(id)}; it must be a text or a number`);
}

/**
 * Parses JSON lines: each line is a case as parseJsonCases takes it, or an object with the case as `series`, `image` or `tokens`, and
 * its name as `case`, perhaps. A `label` is not read.
 *
 * @param lines of the text; empty ones are skipped
 * @param source its name, for errors
 * @param expected what the model expects
 * @param first numbers of the first line and case
 * @returns the cases, without labels
 * @throws Error `source:line: reason`
 */
export function parseJsonLines(
  lines: readonly string[],
  source: string,
  expected: ExpectedCases,
  first: { line: number; case: number } = { line: 1, case: 1 },
): LabelledData {
  const found = lines.flatMap((text, index) => {
    if (text.trim() === '') return [];
    const line = first.line + index;
    return [{ line, ...atLine(source, line, () => caseOf(parseJson(text, true), expected.kind)) }];
  });
  const named = found.filter(({ id }) => id !== undefined).length;
  if (named > 0 && named < found.length) {
    const { line } = found.find(({ id }) => id === undefined)!;
    throw new Error(`${source}:${line}: the case has no name; others have one, so it must have one too`);
  }
  const values = found.map(({ value }) => value);
  return { ...jsonCases(values, source, expected, first.case), ...(named > 0 && { ids: found.map(({ id }) => id!) }) };
}
