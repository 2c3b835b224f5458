import type { Batch } from '../data/batches.js';
import { uniform } from '../random.js';
import type { LossTrace } from './lossTrace.js';

/** Batches in a pool: a step does not find its batch in the caches. */
export const POOL_SIZE = 32;

/** Steps in a mean, as the loss of a single batch is noisy. */
const AVERAGED = 3;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Training that can be measured for as long as one likes: each step takes the next batch of a pool, with labels drawn
 * for this step. On one batch, the loss and the gradients vanish within some hundred steps, and products of subnormal
 * numbers take another time than those of training. A pool alone is learned by heart too: a model that has seen it once
 * may be at half of the loss. Random labels cannot be learned, so the loss stays at or above its start. Restoring the
 * weights between rounds would leave the fall within a round, and cost time.
 */
export class FreshSteps {
  private readonly next = uniform(1);
  private taken = 0;
  private readonly first: number[] = [];
  private readonly last: number[] = [];

  /**
   * @param train makes a step on a batch, and says the loss before it
   * @param pool batches whose labels are replaced
   * @param classes labels are 0 .. classes - 1
   */
  constructor(
    private readonly train: (batch: Batch) => number,
    private readonly pool: readonly Batch[],
    private readonly classes: number,
  ) {}

  /**
   * Makes a step on the next batch.
   *
   * @returns the loss before it
   */
  step(): number {
    const batch = this.pool[this.taken++ % this.pool.length];
    const labels = Float32Array.from({ length: batch.size }, () => Math.floor(this.classes * this.next()));
    const loss = this.train({ ...batch, labels });
    if (this.first.length < AVERAGED) this.first.push(loss);
    this.last.push(loss);
    if (this.last.length > AVERAGED) this.last.shift();
    return loss;
  }

  /** Of all steps so far; NaN before the first. */
  get loss(): LossTrace {
    return { start: mean(this.first), end: mean(this.last) };
  }
}
