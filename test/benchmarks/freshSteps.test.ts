/** Steps of training that can be measured for long: fresh batches, and the losses of the whole measurement. */
import { describe, expect, it } from 'vitest';
import { FreshSteps } from '../../src/benchmarks/freshSteps.js';
import { vanishedNote } from '../../src/benchmarks/lossTrace.js';
import type { Batch } from '../../src/data/batches.js';

const pool: Batch[] = [1, 2].map((value) => ({
  size: 200,
  inputs: [{ values: new Float32Array([value]), shape: [1] }],
  labels: new Float32Array(200).fill(-1),
}));

/** Steps whose losses count up from 1, and the batches that they were given. */
function counting() {
  const seen: Batch[] = [];
  return { seen, steps: new FreshSteps((batch) => seen.push(batch), pool, 3) };
}

describe('FreshSteps', () => {
  it('goes round the pool, with new labels for each step', () => {
    const { seen, steps } = counting();
    for (let count = 0; count < 4; count++) steps.step();
    expect(seen.map(({ inputs }) => inputs[0].values[0])).toEqual([1, 2, 1, 2]);
    for (const { labels } of seen) expect([...new Set(labels)].sort()).toEqual([0, 1, 2]);
    expect(seen[0].labels).not.toEqual(seen[2].labels);
    expect(pool[0].labels[0]).toBe(-1);
  });

  it('gives all who start it the same batches', () => {
    const [one, other] = [counting(), counting()];
    for (const { steps } of [one, other]) steps.step();
    expect(one.seen).toEqual(other.seen);
  });

  it('tells the mean losses of the first and the last three steps', () => {
    const { steps } = counting();
    for (let count = 0; count < 6; count++) expect(steps.step()).toBe(count + 1);
    expect(steps.loss).toEqual({ start: 2, end: 5 });
  });
});

describe('vanishedNote', () => {
  it('speaks up when less than half of the loss is left', () => {
    expect(vanishedNote('step A', { start: 2, end: 1 })).toBeUndefined();
    expect(vanishedNote('step A', { start: 2, end: 0.99 })).toMatch(/step A: the loss went from 2.00 to 0.99/);
  });
});
