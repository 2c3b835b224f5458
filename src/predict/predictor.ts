import type { Plan } from './plan.js';
import type { CaseWriter } from './inputs/caseWriter.js';
import type { PlanMemory } from './planMemory.js';
import type { Pool } from '../runtime/pool.js';
import type { Case, Prediction, PredictorInfo } from './types.js';
import { formatValue } from '../checks/values.js';

/** What a predictor works with; it gives it all up when it is disposed. */
export interface PredictorParts {
  memory: PlanMemory;
  /** For numbers of cases from the largest to 1. */
  plans: readonly Plan[];
  writer: CaseWriter;
  /** Threads; undefined for one. */
  pool: Pool | undefined;
}

/** A model that is ready to predict. Made by `loadPredictor`. */
export class Predictor {
  private parts: PredictorParts | undefined;

  /** @internal */
  constructor(
    parts: PredictorParts,
    /** What it is. */
    readonly info: Readonly<PredictorInfo>,
  ) {
    this.parts = parts;
  }

  /**
   * What the model says of cases, in their order. It computes at once: nothing is awaited.
   *
   * @param cases see Case
   * @throws Error that names case, position and channel of what is wrong: counted from 0; ThreadError if a thread died
   */
  predict(cases: readonly Case[]): Prediction[] {
    const { parts } = this;
    if (!parts) throw new Error('predict: the predictor was disposed; it must be loaded again');
    if (!Array.isArray(cases)) {
      throw new Error(`predict: cases was ${formatValue(cases)}; it must be a list of cases`);
    }
    const predictions: Prediction[] = [];
    for (let done = 0; done < cases.length;) {
      const left = cases.length - done;
      const plan = parts.plans.find(({ batch }) => batch <= left)!;
      this.compute(parts, plan, cases as readonly Case[], done, predictions);
      done += plan.batch;
    }
    return predictions;
  }

  /** Computes as many cases as a plan takes, from `first` on. */
  private compute(
    { memory, writer, pool }: PredictorParts,
    plan: Plan,
    cases: readonly Case[],
    first: number,
    out: Prediction[],
  ): void {
    const { floats, words } = memory.view;
    const { batch, input, lengths, logits } = plan;
    const size = input.size / batch;
    const target = input.dtype === 'int32' ? words : floats;
    for (let i = 0, at = input.address(0) >>> 2; i < batch; i++, at += size) {
      lengths.set(i, writer.write(cases[first + i], first + i, target, at));
    }
    plan.run(pool);
    const { classNames } = this.info;
    const classes = classNames.length;
    for (let i = 0, at = logits.address(0) >>> 2; i < batch; i++, at += classes) {
      const probabilities = softmax(floats, at, classes);
      let best = 0;
      for (let c = 1; c < classes; c++) if (probabilities[c] > probabilities[best]) best = c;
      out.push({ label: classNames[best], probabilities });
    }
  }

  /** Gives up the model's memory, and ends its threads. */
  dispose(): void {
    void this.parts?.pool?.stop();
    this.parts = undefined;
  }
}

/** Of `count` numbers from `at` on. */
function softmax(values: Float32Array, at: number, count: number): Float32Array {
  let most = -Infinity;
  for (let c = 0; c < count; c++) most = Math.max(most, values[at + c]);
  const result = new Float32Array(count);
  let sum = 0;
  for (let c = 0; c < count; c++) sum += Math.exp(values[at + c] - most);
  for (let c = 0; c < count; c++) result[c] = Math.exp(values[at + c] - most) / sum;
  return result;
}
