// Requests as the command `predict` reads them: JSON cases, or a file's text.

import { quotedJson } from '../../checks/quoted.js';
import { parseCases } from '../../data/formats/parseCases.js';
import { byKind } from '../../data/kinds/byKind.js';
import { place } from '../../predict/inputs/caseWriter.js';
import type { Case, Prediction } from '../../predict/types.js';
import { badRequest } from '../requestError.js';
import { countOf } from '../tensors/tensor.js';
import type { Answer, InferenceRequest, ModelDescription } from './messages.js';
import { parseBody, type ParsedRequest } from './parsedRequest.js';

/** What lists within lists of an image hold. */
const imageParts = ['row', 'column', 'channel'];

/** Numbers within lists, one after the other; a pixel's only channel may stand without a list. */
function flattened(value: unknown, shape: readonly number[], where: Readonly<Record<string, number>>): number[] {
  const [size, ...inner] = shape;
  if (shape.length === 0 || (shape.length === 1 && size === 1 && !Array.isArray(value))) {
    if (typeof value === 'number') return [value];
    throw badRequest(`${place(where)} was ${quotedJson(value)}; it must be a number`);
  }
  if (!Array.isArray(value) || value.length !== size) {
    const found = Array.isArray(value) ? `a list of ${value.length}` : quotedJson(value);
    throw badRequest(`${place(where)} was ${found}; it must be a list of ${size}`);
  }
  const name = imageParts.at(-shape.length)!;
  return value.flatMap((one, index) => flattened(one, inner, { ...where, [name]: index }));
}

/** A case out of JSON as a predictor takes it, which checks what is in it. */
function caseOf(value: unknown, index: number, { info: { kind, inputShape } }: ModelDescription): Case {
  if (kind === 'series' && inputShape[1] === 1 && Array.isArray(value)) {
    return value.map((position: unknown) => (Array.isArray(position) ? (position as number[]) : [position as number]));
  }
  if (kind === 'tokens' && Array.isArray(value) && value.every((token) => typeof token === 'string')) {
    return value.join(' ');
  }
  return kind === 'images' ? Float32Array.from(flattened(value, inputShape, { case: index })) : (value as Case);
}

/** The cases of a file's text or bytes. */
async function casesOfFile(body: Uint8Array, { info, reading }: ModelDescription): Promise<Case[]> {
  const { kind, classNames, inputShape } = info;
  if (kind === 'tokens') {
    const lines = new TextDecoder().decode(body).split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  }
  const channels = inputShape.at(-1)!;
  const data = await parseCases(body, 'the body', { kind, classNames, channels, reading });
  return byKind<Case[]>(data, {
    series: (data) => {
      if (data.channels === channels) return data.series;
      throw badRequest(`the body: the series had ${data.channels} channels; they must have ${channels}`);
    },
    images: ({ images, labels, ...sizes }) => {
      const size = countOf([sizes.height, sizes.width, sizes.channels]);
      return labels.map((_, index) => images.subarray(index * size, (index + 1) * size));
    },
    tokens: () => {
      throw badRequest(`the body: the cases were tokens; they must be ${kind}, as the model's`);
    },
  });
}

const BRACE = '{'.charCodeAt(0);

/** Whether a body is JSON: no file of another form begins with a brace, which some clients send as a form or as text. */
function isJson(type: string, body: Uint8Array): boolean {
  return type === '' || type === 'application/json' || body.find((byte) => byte > 0x20) === BRACE;
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
export async function parsePredictRequest(
  { body, type }: InferenceRequest,
  model: ModelDescription,
): Promise<ParsedRequest> {
  if (!isJson(type, body)) {
    const cases = await casesOfFile(body, model);
    if (cases.length > 0) return { cases, answer };
    throw badRequest('the body held no cases; it must hold at least one');
  }
  const parsed = parseBody(body);
  const cases = Array.isArray(parsed) ? (parsed as unknown[]) : (parsed as { cases?: unknown } | null)?.cases;
  if (!Array.isArray(cases) || cases.length === 0) {
    throw badRequest(`cases was ${quotedJson(cases ?? null)}; it must be a list that is not empty`);
  }
  return { cases: cases.map((one, index) => caseOf(one, index, model)), answer };
}
