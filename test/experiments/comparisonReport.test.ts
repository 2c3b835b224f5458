import { expect, it } from 'vitest';
import { comparisonMarkdown, comparisonPage } from '../../src/experiments/comparisonReport.js';
import type { RunRecord } from '../../src/experiments/runStore.js';

const own = { build: 'relaxed', bits: '0123abcd' };
const protocol = {
  epochs: 1,
  batchSize: 8,
  learningRate: 1e-3,
  validation: 0,
  schedule: 'constant',
  headCases: 0,
} as const;
const evaluation = (accuracy: number) => ({ accuracy, loss: 1, macroF1: accuracy, confusion: [], predicted: [] });

function record(data: string, form: string, seed: number, accuracies: number[]): RunRecord {
  const sizes = { width: 8, feedForward: 8, heads: 2, layers: 1, dropout: 0 };
  const last = accuracies[accuracies.length - 1];
  return {
    config: { ...protocol, ...sizes, data, form, seed, task: 'classification', fingerprint: '', version: '1.0.0' },
    ...{
      parameters: 100,
      seconds: 2,
      test: { last: evaluation(last), validation: null, best: evaluation(last) },
      chosen: null,
    },
    curves: {
      training: accuracies.map((accuracy, index) => ({ epoch: index + 1, evaluation: evaluation(accuracy) })) as never,
      validation: null,
    },
  };
}

const input = (records: RunRecord[]) => ({
  records,
  failed: [],
  best: [],
  baselines: [],
  protocol,
  baseline: 'softmax',
  own,
});
const marks = (page: string, kind: string) =>
  page.match(new RegExp(`<path aria-label="[^"]*${kind}`, 'g'))?.length ?? 0;

it('shows data sets that are called like what every object has, or like HTML', async () => {
  const names = ['constructor', '__proto__', '<script>alert(1)</script>', '日本語'];
  const page = await comparisonPage(
    input(names.flatMap((name) => ['softmax', 'bn'].map((form) => record(name, form, 0, [0.5])))),
  );
  expect(page).not.toContain('could not be made');
  expect(page).not.toContain('<script');
  expect(page.match(/<svg/g)).toHaveLength(2 * names.length);
  for (const name of ['constructor', '__proto__', '日本語']) expect(page).toContain(`>${name}</text>`);
});

it('of one seed and one epoch shows points, without a deviation that is not there', async () => {
  const records = ['softmax', 'bn'].map((form, index) => record('A', form, 0, [0.5 + index / 10]));
  const page = await comparisonPage(input(records));
  expect(page).toContain('for 1 epoch.');
  expect(page).not.toContain('±');
  expect(page).not.toMatch(/NaN|errorbar/);
  expect(marks(page, 'accuracy: 0.5')).toBe(0);
  // A point for each run in both charts.
  expect(page.match(/aria-roledescription="(point|circle)"/g)).toHaveLength(4);
});

it('of several seeds has their deviation', async () => {
  const records = [0, 1].map((seed) => record('A', 'softmax', seed, [0.5, 0.6 + seed / 10]));
  const page = await comparisonPage(input(records));
  expect(page).toContain('mean ± sample standard deviation over seeds');
  expect(comparisonMarkdown(input(records))).toContain('65.0 ± 7.1');
});

it('has ticks that differ where all accuracies are the same', async () => {
  const page = await comparisonPage(input([record('A', 'softmax', 0, [0.9876, 0.9876])]));
  for (const [axis] of page.matchAll(/<g class="mark-text role-axis-label".*?<\/g>/g)) {
    const texts = [...axis.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
    expect(new Set(texts).size).toBe(texts.length);
  }
});
