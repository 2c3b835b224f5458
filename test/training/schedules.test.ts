import { describe, expect, it } from 'vitest';
import { learningRateFactor, schedules } from '../../src/training/schedules.js';

describe('schedules', () => {
  it('are constant, half a cosine, or steps', () => {
    expect([0, 0.5, 1].map(schedules.constant)).toEqual([1, 1, 1]);
    expect([0, 0.25, 1].map(schedules.cosine)).toEqual([1, (1 + Math.SQRT1_2) / 2, 0]);
    expect([0, 0.49, 0.5, 0.74, 0.75, 1].map(schedules.step)).toEqual([1, 1, 0.1, 0.1, 0.01, 0.01]);
  });
});

describe('learningRateFactor', () => {
  const course = { schedule: 'cosine', epochs: 6, warmupEpochs: 2 } as const;

  it('rises in even steps, then follows the schedule over what is left', () => {
    const factors = Array.from({ length: 12 }, (_, step) => learningRateFactor(course, step, 2));
    const cosine = Array.from({ length: 8 }, (_, i) => (1 + Math.cos((Math.PI * i) / 8)) / 2);
    expect(factors).toEqual([0.25, 0.5, 0.75, 1, ...cosine]);
  });

  it('takes parts of an epoch, and none', () => {
    const half = { ...course, warmupEpochs: 0.5 };
    expect([0, 1, 2, 3].map((step) => learningRateFactor(half, step, 3))).toEqual([
      1 / 1.5,
      1, // a step that the warm-up does not fill is whole
      ...[0.5, 1.5].map((i) => (1 + Math.cos((Math.PI * i) / 16.5)) / 2),
    ]);
    expect(learningRateFactor({ ...course, warmupEpochs: 0 }, 0, 3)).toBe(1);
  });
});
