import { anyNumber } from '../checks/rules.js';
import { check, checkInteger, checkOptions } from '../checks/values.js';
import { caseCount } from './caseCount.js';
import { checkCases } from './checkData.js';
import { checkIndices } from './checkIndices.js';
import type { BatchInput } from './kinds/kindTraits.js';
import { padRows } from './kinds/padRows.js';
import { traitsOf } from './kinds/traitsOf.js';
import { pick } from './pick.js';
import type { Cases } from './labelledData.js';

/** Some cases, as a classifier takes them. */
export interface Batch {
  /** Number of cases, B. */
  size: number;
  /**
   * The model's inputs. Series: [B, length, channels] and lengths [B, 1]. Images: [B, height, width, channels].
   * Tokens: [B, length] and lengths [B, 1]. What is shorter than length is padded with zeros.
   */
  inputs: BatchInput[];
  /** [B, 1], class indices; -1 where the data has none. */
  labels: Float32Array;
  /** [B, numbers], where the data has numbers to learn: in the scale of the model's outputs. */
  targets?: Float32Array;
}

/** How data is divided into batches. */
export interface BatchOptions {
  /** Cases in a batch; the last one may be smaller. */
  batchSize: number;
  /** Indices of the cases to take, in order; default: all, in their order. */
  order?: ArrayLike<number>;
  /** Positions to pad series or tokens to; default: those of the batch's longest case. */
  length?: number;
}

/**
 * Divides data into batches.
 *
 * @param data of any kind, standardised if the model needs it; labels may be missing
 * @param options see BatchOptions
 * @throws Error if an option is wrong or a field of the data is; on the way, if a case is not as long as it says, is longer
 *   than `length`, or has a token outside the vocabulary
 */
export function batches(data: Cases, options: BatchOptions): Generator<Batch> {
  const owner = 'batches';
  checkOptions(owner, options, ['batchSize', 'order', 'length'] satisfies (keyof BatchOptions)[]);
  const { batchSize, order, length } = options;
  checkCases(owner, data, []);
  checkInteger(owner, 'batchSize', batchSize, 1, Infinity);
  if (length !== undefined) checkInteger(owner, 'length', length, 1, Infinity);
  const count = caseCount(data);
  const all = order ?? Uint32Array.from({ length: count }, (_, index) => index);
  checkIndices(owner, 'order', all, count);
  return generate(owner, data, all, batchSize, length);
}

/** The numbers that a model learns for some cases, in the scale of its outputs; undefined where there are none. */
function targetsOf(data: Cases, cases: readonly number[]): Float32Array | undefined {
  if ('futures' in data && data.futures) {
    const rows = pick(data.futures, cases);
    return padRows(rows, rows[0].length);
  }
  const { targets, targetStatistics } = data;
  const { mean, deviation } = targetStatistics ?? { mean: 0, deviation: 1 };
  return targets && Float32Array.from(cases, (index) => (targets[index] - mean) / deviation);
}

function* generate(
  owner: string,
  data: Cases,
  order: ArrayLike<number>,
  batchSize: number,
  length?: number,
): Generator<Batch> {
  const traits = traitsOf(data);
  for (let start = 0; start < order.length; start += batchSize) {
    const cases = Array.from({ length: Math.min(batchSize, order.length - start) }, (_, b) => order[start + b]);
    checkCases(owner, data, cases);
    const labels = Float32Array.from(cases, (index) => {
      const label = data.labels?.[index] ?? -1;
      check(owner, `the label of case ${index + 1}`, label, anyNumber);
      return label;
    });
    const targets = targetsOf(data, cases);
    yield { size: cases.length, inputs: traits.inputs(data, cases, length), labels, ...(targets && { targets }) };
  }
}
