import { expect, it } from 'vitest';
import { comparisonMarkdown } from '../../src/experiments/comparisonReport.js';
import type { Protocol } from '../../src/experiments/runConfig.js';
import type { RunRecord } from '../../src/experiments/runStore.js';
import { testAgainst } from '../../src/experiments/pairedTests.js';
import { summarize } from '../../src/experiments/summary.js';

const protocol: Protocol = {
  ...{ epochs: 2, batchSize: 8, learningRate: 1e-3, validation: 0.2, headCases: 0 },
  schedule: 'constant',
};
const own = { build: 'relaxed', bits: '0123abcd' };
const sizes = { width: 8, feedForward: 8, heads: 2, layers: 1, dropout: 0 };

/** A run with given accuracies in per cent. */
function record(data: string, form: string, seed: number, last: number, validation: number | null): RunRecord {
  const scores = (percent: number) => ({ accuracy: percent / 100, loss: 1 });
  const test = { last: scores(last), validation: validation === null ? null : scores(validation), best: scores(100) };
  return {
    config: { ...protocol, ...sizes, data, form, seed, task: 'classification', fingerprint: '', version: '1.0.0' },
    ...{ parameters: 100, seconds: 2 + seed, test, chosen: null },
    curves: { training: [], validation: null },
  };
}

const records = [
  record('A', 'softmax', 0, 90, 91),
  record('A', 'bn', 0, 92, 91),
  record('A', 'softmax', 1, 94, 95),
  record('A', 'bn', 1, 95, 95),
  record('B', 'softmax', 0, 50, 50),
  record('B', 'bn', 0, 56, 53),
  record('B', 'bn', 1, 60, 53), // without its partner
];

it('summarises over seeds', () => {
  const rows = summarize(records);
  expect(rows.map(({ data, form, runs, seconds }) => [data, form, runs, seconds])).toEqual([
    ['A', 'softmax', 2, 2.5],
    ['A', 'bn', 2, 2.5],
    ['B', 'softmax', 1, 2],
    ['B', 'bn', 2, 2.5],
  ]);
  const [first, , single] = rows;
  expect(first.test.last.accuracy?.mean).toBeCloseTo(0.92, 12);
  expect(first.test.last.accuracy?.std).toBeCloseTo(0.04 / Math.SQRT2, 12);
  expect(first.test.validation?.accuracy?.mean).toBeCloseTo(0.93, 12);
  expect(single.test).toEqual({
    last: { accuracy: { mean: 0.5, std: null } },
    validation: { accuracy: { mean: 0.5, std: null } },
    best: { accuracy: { mean: 1, std: null } },
  });
});

it('tests pairs of the same data set and seed, and the means of data sets', () => {
  const [last, validation, sets, ...rest] = testAgainst('softmax', records);
  expect(rest).toHaveLength(1);
  // Differences 2, 1 and 6 points.
  expect(last).toMatchObject({ form: 'bn', baseline: 'softmax', at: 'last', over: 'runs', pairs: 3, p: 2 / 8 });
  expect(last).toMatchObject({ interval: null, pHolm: 4 / 8 });
  expect(last.difference?.mean).toBeCloseTo(0.03, 12);
  expect(last.difference?.std).toBeCloseTo(Math.sqrt(7) / 100, 12);
  // Differences 0, 0 and 3 points.
  expect(validation).toMatchObject({ at: 'validation', pairs: 3, p: 1, pHolm: 1 });
  // Differences 1.5 and 6 points.
  expect(sets).toMatchObject({ at: 'last', over: 'data sets', pairs: 2, p: 1 / 2, pHolm: 1 });
  expect(sets.difference?.mean).toBeCloseTo(0.0375, 12);
  expect(testAgainst('sh', records)[0]).toEqual({
    ...{
      form: 'softmax',
      baseline: 'sh',
      at: 'last',
      over: 'runs',
      pairs: 0,
      task: 'classification',
      score: 'accuracy',
    },
    ...{ difference: null, interval: null, p: null, pHolm: null },
  });
});

it('corrects for all tests over the same kind of pairs, and gives intervals from six pairs on', () => {
  const seeds = [0, 1, 2, 3, 4, 5];
  const forms = { softmax: 0, bn: 2, sh: 0.1 };
  const many = seeds.flatMap((seed) =>
    Object.entries(forms).map(([form, gain]) => record('A', form, seed, 80 + seed + gain * (seed + 1), null)),
  );
  const [bn, sh, ...others] = testAgainst('softmax', many);
  expect(others).toEqual([]);
  for (const test of [bn, sh]) expect(test).toMatchObject({ p: 2 / 64, pHolm: 4 / 64 });
  expect(bn.interval).toEqual([expect.closeTo(0.02, 12), expect.closeTo(0.12, 12)]);
});

it('leaves out what was not asked for', () => {
  const without = records.map(({ config: { data, form, seed } }) => record(data, form, seed, 50, null));
  expect(summarize(without)[0].test.validation).toBeNull();
  expect(testAgainst('softmax', without).map(({ at }) => at)).toEqual(['last', 'last']);
});

it('shows no test of a single pair, and says when there is nothing', () => {
  const text = (some: RunRecord[]) =>
    comparisonMarkdown({ records: some, failed: [], protocol, baseline: 'softmax', baselines: [], best: [], own });
  expect(text(records.slice(0, 2))).not.toMatch(/minus softmax|randomisation/);
  expect(text(records.slice(0, 4))).toMatch(/bn minus softmax[^]*With 2 pairs p cannot be below 0\.50/);
  expect(text([])).toBe('No run has finished.');
});

it('is written as Markdown, with what has to be known to read it', () => {
  const text = comparisonMarkdown({ records, failed: [], protocol, baseline: 'softmax', baselines: [], best: [], own });
  expect(text).toMatch(
    /\| A +\| 92\.0 ± 2\.8 \| 93\.5 ± 2\.1 \|\n\| B +\| +50\.0 \| 58\.0 ± 2\.8 \|\n\| mean +\| +71\.0 \| +75\.8 \|/,
  );
  expect(text).toContain('| data | attention | runs | last epoch |');
  expect(text).toMatch(/\| A {4}\| softmax {3}\| {4}2 \| 92\.0 ± 2\.8 \| +93\.0 ± 2\.8 \|/);
  expect(text).toMatch(/\| bn minus softmax \| last epoch +\| +3 runs \| +3\.0 ± 2\.6 \| 0\.25 \| +0\.50 \|/);
  expect(text).toContain('With 3 pairs p cannot be below 0.25, so these runs are too few to tell forms apart.');
});

it('says which runs were computed otherwise than this machine does', () => {
  const by = (host: string, changes: object = {}) => ({ computedBy: { host, ...own, ...changes } });
  const textOf = (...places: object[]) => {
    const some = places.map((place, index) => ({ ...records[index], ...place }));
    return comparisonMarkdown({
      records: some,
      failed: [],
      protocol,
      baseline: 'softmax',
      baselines: [],
      best: [],
      own,
    });
  };
  expect(textOf(by('node1'), by('node2'))).toBe(textOf({}, {}));
  expect(textOf(by('node1'), by('node2', { build: 'simd' }), by('node3', { bits: '89abcdef' }))).toContain(
    '2 runs of 3 came from machines that compute otherwise than this one (relaxed build), by their build or their ' +
      'processor: node2 (simd build), node3 (relaxed build).',
  );
});
