// Requests as the command `predict` reads them: JSON cases, or a file's text.

import { quotedJson } from '../../checks/quoted.js';
import { checkNumbers } from '../../data/checkData.js';
import { fitToModel } from '../../data/fitToModel.js';
import { jsonCases } from '../../data/formats/parseJsonCases.js';
import { lineKeys } from '../../data/formats/parseJsonLines.js';
import { newCases } from '../../data/newCases.js';
import { casesOf } from '../../predict/casesOf.js';
import type { Case, Prediction } from '../../predict/types.js';
import { badRequest } from '../requestError.js';
import type { Answer, InferenceRequest, ModelDescription } from './messages.js';
import { parseBody, type ParsedRequest } from './parsedRequest.js';

/** What errors call the cases. */
const SOURCE = 'the body';

const BRACE = '{'.charCodeAt(0);

/** Whether a body is JSON: no file of another form begins with a brace, which some clients send as a form or as text. */
function isJson(type: string, body: Uint8Array): boolean {
  return type === '' || type === 'application/json' || body.find((byte) => byte > 0x20) === BRACE;
}

/**
 * The list of cases in a body that is JSON: `{ "cases": [...] }`, or the list itself.
 *
 * @returns undefined if the body is a file, lines of JSON among them
 */
function listOfCases({ body, type }: Pick<InferenceRequest, 'body' | 'type'>): unknown[] | undefined {
  if (!isJson(type, body)) return undefined;
  let parsed: unknown;
  try {
    parsed = parseBody(body);
  } catch (error) {
    if (isLines(body)) return undefined;
    throw error;
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    const { cases, ...others } = parsed as Record<string, unknown>;
    if (cases === undefined && Object.values(lineKeys).some((key) => key in others)) return undefined;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) throw badRequest(`a field was ${quotedJson(unknown)}; the only one is "cases"`);
    parsed = cases;
  }
  if (Array.isArray(parsed) && parsed.length > 0) return parsed as unknown[];
  throw badRequest(`cases was ${quotedJson(parsed ?? null)}; it must be a list that is not empty`);
}

/** Whether the second line that holds anything begins with a brace, as the first one does. */
function isLines(body: Uint8Array): boolean {
  return /^\s*\{[^\r\n]*\}\s*[\r\n]\s*\{/.test(new TextDecoder().decode(body));
}

/** A case's tokens by their numbers, which no file has. */
const isIndices = (value: unknown) => Array.isArray(value) && value.every((token) => typeof token === 'number');

async function readCases(request: InferenceRequest, { reader }: ModelDescription): Promise<Case[]> {
  const list = listOfCases(request);
  if (reader.kind === 'tokens') {
    if (list?.every(isIndices)) return list;
    if (!reader.vocabulary) {
      throw badRequest('the model holds no names of tokens; cases must be JSON lists of their numbers');
    }
  }
  const data = list
    ? jsonCases(list, SOURCE, { ...reader, channels: reader.channels ?? 1 })
    : await newCases(request.body, SOURCE, reader);
  // As a table to forecast from, which may have nothing missing.
  if (reader.forecast) checkNumbers(SOURCE, data);
  return casesOf(fitToModel(SOURCE, data, reader));
}

/** A prediction as JSON shows it. */
function plain(prediction: Prediction): object {
  const entries = Object.entries(prediction).map(([name, value]): [string, unknown] => [
    name,
    ArrayBuffer.isView(value) ? Array.from(value) : value,
  ]);
  return Object.fromEntries(entries);
}

const answer = (predictions: readonly Prediction[]): Answer => ({
  status: 200,
  type: 'application/json',
  body: JSON.stringify({ predictions: predictions.map(plain) }),
});

/**
 * @param request its body is `{ "cases": [...] }` or the list itself, as JSON; or the text of a file that the command takes
 * @throws Error that says what is wrong
 */
export async function parsePredictRequest(request: InferenceRequest, model: ModelDescription): Promise<ParsedRequest> {
  return { cases: await readCases(request, model), answer };
}
