import type { Plan } from './plan.js';
import type { CaseWriter } from './inputs/caseWriter.js';
import type { PlanMemory } from './planMemory.js';
import type { Pool } from '../runtime/pool.js';
import type { OutputReader } from './outputs.js';
import type { Case, Prediction, PredictionTask, PredictorInfo } from './types.js';
import { formatValue } from '../checks/values.js';

/** What a predictor works with; it gives it all up when it is disposed. */
export interface PredictorParts {
  memory: PlanMemory;
  /** For numbers of cases from the largest to 1. */
  plans: readonly Plan[];
  writer: CaseWriter;
  reader: OutputReader;
  /** Threads; undefined for one. */
  pool: Pool | undefined;
}

/** A model that is ready to predict, by default a classifier. Made by `loadPredictor`. */
export class Predictor<Task extends PredictionTask = 'classification'> {
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
  predict(cases: readonly Case[]): Prediction<Task>[] {
    const { parts } = this;
    if (!parts) throw new Error('predict: the predictor was disposed; it must be loaded again');
    if (!Array.isArray(cases)) {
      throw new Error(`predict: cases was ${formatValue(cases)}; it must be a list of cases`);
    }
    const predictions: Prediction<Task>[] = [];
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
    { memory, writer, reader, pool }: PredictorParts,
    plan: Plan,
    cases: readonly Case[],
    first: number,
    out: Prediction<Task>[],
  ): void {
    const { floats, words } = memory.view;
    const { batch, input, lengths, output } = plan;
    const size = input.size / batch;
    const target = input.dtype === 'int32' ? words : floats;
    for (let i = 0, at = input.address(0) >>> 2; i < batch; i++, at += size) {
      lengths.set(i, writer.write(cases[first + i], first + i, target, at));
    }
    plan.run(pool);
    const count = output.size / batch;
    for (let i = 0, at = output.address(0) >>> 2; i < batch; i++, at += count) {
      out.push(reader.read(floats, at, (input.address(0) >>> 2) + i * size) as Prediction<Task>);
    }
  }

  /** Gives up the model's memory, and ends its threads. */
  dispose(): void {
    void this.parts?.pool?.stop();
    this.parts = undefined;
  }
}
