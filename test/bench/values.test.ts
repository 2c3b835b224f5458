/** Kernels on numbers of any size: what the operands hold, that every work runs, and the last line. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { commonValues, geluTails, ranges, unit } from '../../bench/values/operandValues.js';
import { rows, valuesRowName } from '../../bench/values/rows.js';
import { summaryOf, type ValuesResult } from '../../bench/values/run.js';
import { tensorsOf } from '../../bench/values/work.js';
import { init } from '../../src/index.js';

const SMALLEST_NORMAL = 2 ** -126;

function values(name: string, small: boolean): number[] {
  return [...commonValues.find((values) => values.name === name)!.make('x', 2000, small)];
}

describe('values of operands', () => {
  it('are small where they are to be', () => {
    const largest = (numbers: number[]) => Math.max(...numbers.map(Math.abs));
    expect(largest(values('1e-39', true))).toBeLessThan(SMALLEST_NORMAL);
    expect(largest(values('1e-39', false))).toBeGreaterThan(1);
    expect(largest(values('1e-19 x 1e-19', false)) / 1e-19).toBeCloseTo(largest([...unit.make('x', 2000, false)]), 4);
  });

  it('cover every exponent of float32 with both signs', () => {
    const found = values('log-uniform 1e-45 to 1e3', false);
    expect(Math.max(...found)).toBeGreaterThan(500);
    expect(Math.min(...found)).toBeLessThan(-500);
    const subnormal = found.filter((value) => Math.abs(value) < SMALLEST_NORMAL);
    expect(subnormal.length / found.length).toBeCloseTo(7 / 48, 1);
  });

  it("lie in GELU's tail, or spread scores over a range", () => {
    for (const value of geluTails('bias').make('bias', 100, false)) expect(Math.abs(value + 13.5)).toBeLessThan(0.5001);
    const [q, k] = ['q', 'k'].map((name) => ranges('q')[1].make(name, 2000, false));
    const deviation = (numbers: Float32Array) => Math.hypot(...numbers) / Math.sqrt(numbers.length);
    expect(deviation(q)).toBeCloseTo(10, 0);
    expect(deviation(k)).toBeCloseTo(1, 1);
  });
});

describe('rows of values', () => {
  beforeAll(() => init({ threads: 1 }));

  it('have names of their own', () => {
    expect(new Set(rows.map(valuesRowName)).size).toBe(rows.length);
  });

  it.each([...new Set(rows.map(({ work }) => work))])('$kernel $pass $shape gives finite results', (work) => {
    const before = tf.memory().numTensors;
    const tensors = tensorsOf(work, unit);
    const results = tf.tidy(() => work.run(tensors)) as tf.Tensor | tf.Tensor[] | undefined;
    for (const tensor of [results ?? Object.values(tensors)].flat()) {
      const sum = tf.tidy(() => tf.sum(tf.abs(tensor)).dataSync()[0]);
      expect(sum > 0 && Number.isFinite(sum)).toBe(true);
    }
    tf.dispose([results ?? [], tensors]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('end with the worst of them', () => {
    const row = { kernel: 'gelu', pass: 'forward' as const, shape: '[2]', threads: 1, build: 'simd' };
    const timed = { ...row, milliseconds: 3, quartiles: [3, 3] as [number, number] };
    const results = [1, 1.5].map((relative): ValuesResult => {
      return { ...timed, values: `v${relative}`, unit: { milliseconds: 2, relative } };
    });
    const line =
      'worst: 1.50 times as long as at scale 1 (gelu forward [2] v1.5, simd, 1 thread(s)); 1 of 2 rows above 1.2';
    expect(summaryOf({ results, worst: 1.5, above: 1 })).toBe(line);
  });
});
