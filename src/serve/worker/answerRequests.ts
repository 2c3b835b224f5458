import type { Case, Prediction } from '../../predict/types.js';
import { errorBody, RequestError } from '../requestError.js';
import { parseInferRequest } from './inferRequest.js';
import type { Answer, BatchAnswers, InferenceRequest } from './messages.js';
import type { HostedModel } from './modelHost.js';
import type { ParsedRequest } from './parsedRequest.js';
import { parsePredictRequest } from './predictRequest.js';

/** What says that a request was wrong. A trap of the kernels says that we are: it is left to end the thread. */
function refusal(error: unknown): Answer {
  if (error instanceof WebAssembly.RuntimeError) throw error;
  const status = error instanceof RequestError ? error.status : 400;
  return { status, type: 'application/json', body: errorBody((error as Error).message) };
}

async function parse(request: InferenceRequest, model: HostedModel): Promise<ParsedRequest | Answer> {
  try {
    return request.form === 'infer' ? parseInferRequest(request, model) : await parsePredictRequest(request, model);
  } catch (error) {
    return refusal(error);
  }
}

const isAnswer = (parsed: ParsedRequest | Answer): parsed is Answer => 'status' in parsed;

/**
 * Answers requests to a model, the cases of all together.
 *
 * @returns their answers, in order: what is wrong with one of them is its own
 */
export async function answerRequests(model: HostedModel, requests: readonly InferenceRequest[]): Promise<BatchAnswers> {
  const parsed: (ParsedRequest | Answer)[] = [];
  for (const request of requests) parsed.push(await parse(request, model));
  // Parsers have refused what is missing where nothing may be.
  const predict = (cases: readonly Case[]) => model.predictor.predict(cases, { missing: true });
  const cases = parsed.flatMap((one) => (isAnswer(one) ? [] : one.cases));
  const start = performance.now();
  let predictions: Prediction[] | undefined;
  try {
    predictions = predict(cases);
  } catch (error) {
    // Whose case it was, predicting them one by one will show.
    refusal(error);
  }
  let at = 0;
  const answers = parsed.map((one) => {
    if (isAnswer(one)) return one;
    try {
      return one.answer(predictions?.slice(at, (at += one.cases.length)) ?? predict(one.cases));
    } catch (error) {
      return refusal(error);
    }
  });
  return { answers, cases: cases.length, seconds: (performance.now() - start) / 1000 };
}
