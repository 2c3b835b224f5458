import type { Plan } from './plan.js';
import type { CaseWriter } from './inputs/caseWriter.js';
import type { PlanMemory } from './planMemory.js';
import type { Pool } from '../runtime/pool.js';
import type { OutputReader } from './outputs.js';
import type { Case, Prediction, PredictionTask, PredictorInfo } from './types.js';
import { boolean } from '../checks/rules.js';
import { checkByRules, formatValue } from '../checks/values.js';

/** What a predictor works with; it gives it all up when it is disposed. */
export interface PredictorParts {
  memory: PlanMemory;
  /** For each number of positions, from the smallest up, those for numbers of cases, from the largest to 1. */
  plans: readonly (readonly Plan[])[];
  writer: CaseWriter;
  reader: OutputReader;
  /** Threads; undefined for one. */
  pool: Pool | undefined;
}

/** A case, its place among all, and its positions. */
interface GivenCase {
  value: Case;
  index: number;
  positions: number;
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
   * @param options missing: NaN in series and images is a missing value, which becomes the channel's mean, as in training;
   *   default false: it is an error, as it is for a model without statistics
   * @throws Error that names case, position and channel of what is wrong, counted from 1, or the option; ThreadError if a
   *   thread died
   */
  predict(cases: readonly Case[], options: { missing?: boolean } = {}): Prediction<Task>[] {
    checkByRules('predict', options, { missing: boolean });
    const { missing = false } = options;
    const { parts } = this;
    if (!parts) throw new Error('predict: the predictor was disposed; it must be loaded again');
    if (!Array.isArray(cases)) {
      throw new Error(`predict: cases was ${formatValue(cases)}; it must be a list of cases`);
    }
    const { plans, writer } = parts;
    // Not `map`, which passes over what is left out of a list.
    const given = Array.from(cases as readonly Case[], (value, index) => {
      return { value, index, positions: writer.positions(value, index) };
    });
    // Neighbours are of like lengths, then, and take the plan of the longest of them.
    if (plans.length > 1) given.sort((a, b) => b.positions - a.positions);
    const predictions = new Array<Prediction<Task>>(given.length);
    for (let done = 0; done < given.length;) {
      const { positions } = given[done];
      const ofLength = plans.find(([plan]) => plan.positions >= positions)!;
      const plan = ofLength.find(({ batch }) => batch <= given.length - done)!;
      this.compute(parts, plan, given.slice(done, done + plan.batch), missing, predictions);
      done += plan.batch;
    }
    return predictions;
  }

  /** Computes as many cases as a plan takes. */
  private compute(
    { memory, writer, reader, pool }: PredictorParts,
    plan: Plan,
    cases: readonly GivenCase[],
    missing: boolean,
    out: Prediction<Task>[],
  ): void {
    const { floats, words } = memory.view;
    const { batch, input, lengths, output } = plan;
    const size = input.size / batch;
    const target = input.dtype === 'int32' ? words : floats;
    const [start, width] = [input.address(0) >>> 2, size / plan.positions];
    cases.forEach(({ value, index, positions }, i) => {
      const at = start + i * size;
      writer.write(value, index, positions, target, at, missing);
      target.fill(0, at + positions * width, at + size);
      lengths.set(i, positions);
    });
    plan.run(pool);
    const [end, count] = [output.address(0) >>> 2, output.size / batch];
    cases.forEach(({ index }, i) => {
      out[index] = reader.read(floats, end + i * count, start + i * size) as Prediction<Task>;
    });
  }

  /** Gives up the model's memory, and ends its threads. */
  dispose(): void {
    void this.parts?.pool?.stop();
    this.parts = undefined;
  }
}
