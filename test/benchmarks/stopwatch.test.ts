/** Calls that take turns. */
import { describe, expect, it } from 'vitest';
import { takeTurn, warmUp } from '../../src/benchmarks/stopwatch.js';

const wait = (milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
};

describe('takeTurn', () => {
  it('makes calls one after the other, as often as it must', async () => {
    let made = '';
    const samples = await takeTurn(
      { a: () => void (made += 'a'), b: () => void (made += 'b') },
      { milliseconds: 0, calls: 3 },
    );
    expect(made).toBe('ababab');
    expect([samples.a.length, samples.b.length]).toEqual([3, 3]);
  });

  it('continues until the time is up, and times what is awaited', async () => {
    const slow = async () => {
      await Promise.resolve();
      wait(4);
    };
    const { slow: times } = await takeTurn({ slow }, { milliseconds: 200, calls: 1 });
    expect(times.length).toBeGreaterThan(1);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(4);
  });
});

describe('warmUp', () => {
  it('makes each call at least once, and gives the time of the longest', async () => {
    const made = [0, 0];
    const calls = made.map((_, index) => () => {
      made[index]++;
      wait(index === 1 ? 60 : 0);
    });
    expect(await warmUp(calls, 50)).toBeGreaterThanOrEqual(60);
    expect(made[0]).toBeGreaterThan(1);
    expect(made[1]).toBe(1);
  });
});
