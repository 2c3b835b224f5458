import { describe, expect, it } from 'vitest';
import { argmax } from '../../src/training/argmax.js';
import { isBetter } from '../../src/training/isBetter.js';

describe('isBetter', () => {
  const scored = (accuracy: number, loss: number) => ({ accuracy, loss });

  it('takes the higher accuracy, of equal ones the lower loss', () => {
    expect(isBetter('accuracy', scored(0.9, 2), scored(0.8, 1))).toBe(true);
    expect(isBetter('accuracy', scored(0.8, 1), scored(0.9, 2))).toBe(false);
    expect(isBetter('accuracy', scored(0.9, 1), scored(0.9, 2))).toBe(true);
    expect(isBetter('accuracy', scored(0.9, 1), scored(0.9, 1))).toBe(false);
  });

  it('takes the lower loss, whatever the accuracy', () => {
    expect(isBetter('loss', scored(0.1, 1), scored(0.9, 2))).toBe(true);
    expect(isBetter('loss', scored(0.9, 1), scored(0.1, 1))).toBe(false);
  });

  it('never prefers what is not a number, nor anything to it', () => {
    expect(isBetter('loss', scored(1, NaN), scored(0, 1))).toBe(false);
    expect(isBetter('loss', scored(1, 1), scored(0, NaN))).toBe(false);
    expect(isBetter('accuracy', scored(NaN, 1), scored(0.5, 2))).toBe(false);
  });
});

describe('argmax', () => {
  it('takes the first of the largest', () => {
    expect(argmax([1, 3, 2, 3])).toBe(1);
    expect(argmax(Float32Array.of(-2, -1))).toBe(1);
    expect(argmax([5])).toBe(0);
  });
});
