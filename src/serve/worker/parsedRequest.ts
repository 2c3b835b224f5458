import type { Case, Prediction } from '../../predict/types.js';
import type { Answer } from './messages.js';

/** A request as a model takes it. */
export interface ParsedRequest {
  cases: readonly Case[];
  /** The answer, of as many predictions as there are cases. */
  answer(predictions: readonly Prediction[]): Answer;
}

/** Fatal, so that what is no UTF-8 is an error and no other text. */
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * @param bytes a body
 * @returns what it holds as JSON
 * @throws Error that says what is wrong
 */
export function parseBody(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new Error('the body was no UTF-8; it must be JSON in UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`the body was no JSON: ${(error as Error).message}`, { cause: error });
  }
}
