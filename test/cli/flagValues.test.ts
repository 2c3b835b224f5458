/** Every flag of every command with values that the documentation says it can have: run, in this process, to status 0. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Option } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type * as commandLine from '../../src/cli/run.js';
import { writeSlopes, small } from '../support/commandLine.js';
import { writeIdx } from '../support/idx.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

// What was built, as compare starts processes of it.
const built = new URL('../../dist/cli/run.js', import.meta.url).href;
const { createProgram, run } = (await import(built)) as typeof commandLine;

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const commands = new Map(createProgram().commands.map((command) => [command.name(), command]));
let said = '';
let runs = 0;

beforeAll(async () => {
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said += String(text)), true));
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  await mkdir(at('slopes'));
  await writeSlopes(at('slopes'), 16, 6);
  await mkdir(at('images'));
  for (const part of ['train', 't10k']) {
    const labels = Array.from({ length: 8 }, (_, index) => index % 2);
    const pixels = labels.flatMap((label) => Array.from({ length: 16 }, (_, at) => (at % 2 === label ? 250 : 5)));
    await writeIdx(at(`images/${part}-images-idx3-ubyte`), [8, 4, 4], pixels);
    await writeIdx(at(`images/${part}-labels-idx1-ubyte`), [8], labels);
  }
  for (const [long, byValue] of Object.entries(tables)) {
    for (const [value, content] of Object.entries(byValue)) {
      await mkdir(tableAt(long, value), { recursive: true });
      for (const file of filesOf(long)) await writeFile(join(tableAt(long, value), file), content);
    }
  }
  await writeFile(at('train.json'), JSON.stringify({ epochs: 1, clipNorm: null, classWeights: [1, 2] }));
  await writeFile(at('compare.json'), JSON.stringify({ seeds: 1, forms: ['bn'], data: [at('slopes')] }));
  expect(await run(['train', '--data', at('slopes'), ...small, '--epochs', '1', '--output', at('model')])).toBe(0);
  expect(await run(['train', '--data', at('slopes'), ...small, '--epochs', '1', '--output', at('other')])).toBe(0);
  const resampled = ['--data', at('slopes'), '--resample', '6', '--output', at('resampled')];
  expect(await run(['train', ...resampled, ...small, '--epochs', '1'])).toBe(0);
  await mkdir(at('numbers'));
  for (const file of filesOf('')) await writeFile(join(at('numbers'), file), numbers);
  await writeFile(at('waves.csv'), waves);
  expect(await run(['train', ...regression, ...small, '--epochs', '1', '--output', at('regressor')])).toBe(0);
});
afterAll(() => vi.restoreAllMocks());

/** Tables for the flags that say how one is read: by flag and value, what the file holds. */
const cases24 = Array.from({ length: 24 }, (_, index) => index);
const valueOf = (index: number, t: number) => (index % 2 ? 2 - t : t - 2) + (index % 7) / 20;
const labelOf = (index: number) => (index % 2 ? 'down' : 'up');
type Cells = (string | number)[][];
const text = (rows: Cells, separator = ',') => rows.map((row) => row.join(separator)).join('\n') + '\n';
/** A row for each case: its label, what `extra` gives, and four values. */
function wide(extra: (index: number) => (string | number)[] = () => [], names: string[] = []): Cells {
  const head = ['label', ...names, 'v0', 'v1', 'v2', 'v3'];
  return [head, ...cases24.map((i) => [labelOf(i), ...extra(i), ...[0, 1, 2, 3].map((t) => valueOf(i, t).toFixed(2))])];
}
/** A row for each position of a case. */
const long = (head: string[]): Cells => [
  head,
  ...cases24.flatMap((i) =>
    [0, 1, 2, 3].map((t) => [i + 1, labelOf(i), ...(head.length > 3 ? [t] : []), valueOf(i, t)]),
  ),
];
/** A row for each moment, with windows of four rows of a class. */
const log = (): Cells => [
  ['label', 'x'],
  ...cases24.flatMap((i) => [0, 1, 2, 3].map((t) => [labelOf(i), valueOf(i, t)])),
];
/** The same with times. */
const timed = (step = 1): Cells => log().map((row, i) => [i === 0 ? 'time' : i * step, ...row]);
/** A number to learn in place of a class. */
const numbers = text(wide().map(([, ...values], row) => [row === 0 ? 'y' : row / 10, ...values]));
/** As many rows as the longest split needs. */
const waves = text([['x'], ...Array.from({ length: 20 * 30 * 24 * 4 }, (_, t) => [Math.sin(t / 5).toFixed(3)])]);
const tables: Record<string, Record<string, string>> = {
  '--separator': {
    ...{ comma: text(wide()), semicolon: text(wide(), ';'), tab: text(wide(), '\t'), blank: text(wide(), ' ') },
  },
  '--decimal': { point: text(wide()), comma: text(wide(), ';').replaceAll('.', ',') },
  '--header': { yes: text(wide()), no: text(wide().slice(1)) },
  '--layout': { wide: text(wide()), long: text(long(['case', 'label', 'x'])) },
  '--label-column': {
    label: text(wide()),
    '1': text(wide()),
    first: text(wide()),
    last: text(wide().map(([label, ...values]) => [...values, label])),
  },
  '--case-column': { id: text(long(['id', 'label', 'x'])) },
  '--time-column': { t: text(long(['case', 'label', 't', 'x'])) },
  '--group-column': { person: text(wide((i) => [`p${i % 4}`], ['person'])) },
  '--value-columns': { 'v0,v1,v2,v3': text(wide((i) => [i], ['other'])) },
  '--ignore-columns': { 'note,other': text(wide((i) => [`n${i}`, i], ['note', 'other'])) },
  '--missing': {
    '-999': text(wide()).replaceAll(',2.00', ',-999'),
    'NaN,empty': text(wide()).replaceAll(',2.00', ',NaN'),
  },
  '--window-length': { '4': text(log()) },
  '--stride': { '4': text(log()) },
  '--max-gap': { none: text(timed()), '1': text(timed()), '0.5': text(timed(0.5)) },
  '--target-column': { y: numbers },
  '--resample': { '6': text(wide()) },
  '--test': { '0.25': text(wide()), '0.5': text(wide()) },
};
const reading = Object.fromEntries(Object.entries(tables).map(([long, byValue]) => [long, Object.keys(byValue)]));
/** Both parts, or the one file that `--test` splits. */
const filesOf = (long: string) => (long === '--test' ? ['Table.csv'] : ['Table_TRAIN.csv', 'Table_TEST.csv']);
/** Where the table of a flag and value is. */
const tableAt = (long: string, value: string) =>
  at(`tables/${long.slice(2)} ${Object.keys(tables[long]).indexOf(value)}`);

const sizes = { '--width': ['8', '16'], '--feed-forward': ['1'], '--heads': ['1', '4'], '--layers': ['1', '2'] };
const common = { '--threads': ['auto', '1', '2'], '--wide': ['auto', 'off'] };
const windows = {
  ...{ '--length': ['8'], '--horizon': ['4'], '--patch-length': ['4'], '--patch-stride': ['1'] },
  ...{ '--channel-independent': ['on', 'off'], '--instance-normalization': ['on', 'off'] },
};
const regression = ['--data', at('numbers'), '--target-column', 'y'];
const forecasting = [
  ...['--task', 'forecasting', '--data', at('waves.csv'), '--length', '8', '--horizon', '4', '--batch-size', '2048'],
];
/** What some flags, or values of them, need besides. */
const besides: Record<string, string[]> = {
  ...Object.fromEntries(
    ['length', 'horizon', 'split', 'patch-length', 'patch-stride', 'channel-independent', 'instance-normalization'].map(
      (name) => [`--${name}`, forecasting],
    ),
  ),
  ...{ '--task regression': regression, '--task forecasting': forecasting },
  ...{ '--monitor rmse': regression, '--monitor mae': regression, '--monitor r2': regression },
  '--monitor mse': forecasting,
  ...{
    'evaluate --target-column': ['--model', at('regressor')],
    'inspect --target-column': ['--model', at('regressor')],
  },
  'predict --target-column': ['--model', at('regressor')],
  '--momentum': ['--optimizer', 'sgd'],
  '--patience': ['--validation', '0.25'],
  '--restore-best-weights': ['--validation', '0.25'],
  '--shift': ['--data', at('images'), '--patch-size', '4'],
  '--patch-size': ['--data', at('images')],
  '--stride': ['--window-length', '4'],
  '--max-gap': ['--window-length', '4'],
  ...Object.fromEntries(
    ['evaluate', 'predict', 'inspect'].map((name) => [`${name} --resample`, ['--model', at('resampled')]]),
  ),
  '--header': ['--label-column', '1'],
};

/** The same, of a flag that says how a table is read: the table. */
function source(name: string, long: string, value: string): string[] {
  if (!(long in tables)) return [];
  const folder = tableAt(long, value);
  if (name !== 'predict' && long === '--test') return ['--data', join(folder, 'Table.csv')];
  return name === 'predict' ? ['--input', join(folder, filesOf(long).at(-1)!)] : ['--data', folder];
}

interface Case {
  /** What the command needs; later flags take precedence. */
  base: () => string[];
  /** Values by flag; those of flags with a few words are the words. */
  values: Record<string, string[]>;
}

const cases: Record<string, Case> = {
  train: {
    base: () => ['--data', at('slopes'), ...small, '--epochs', '1', '--output', at(`run${runs++}`)],
    values: {
      ...{ ...sizes, ...common, ...reading, '--dropout': ['0', '0.5'] },
      ...{ '--data': [at('slopes')], '--output': [at('named')], '--config': [at('train.json')] },
      ...{ '--epochs': ['1', '2'], '--batch-size': ['1', '100'], '--seed': ['0', '9007199254740991'] },
      ...{ '--label-smoothing': ['0', '0.1'], '--class-weights': ['balanced', '1,2', '0.5,0'] },
      ...{ '--learning-rate': ['0.01', '1e-5'], '--warmup-epochs': ['0', '0.5'], '--weight-decay': ['0', '0.1'] },
      ...{ '--momentum': ['0', '0.5'], '--clip-norm': ['none', '0.5'], '--patience': ['1'] },
      ...{
        ...windows,
        '--validation': ['0', '0.25'],
        '--shift': ['1'],
        '--patch-size': ['2'],
      },
    },
  },
  evaluate: {
    base: () => ['--model', at('model'), '--data', at('slopes')],
    values: { ...common, ...reading, '--model': [at('model')], '--data': [at('slopes')] },
  },
  predict: {
    base: () => ['--model', at('model'), '--input', at('slopes/Slopes_TEST.ts')],
    values: {
      ...common,
      ...reading,
      '--test': [], // a file to predict on has no parts
      '--model': [at('model')],
      '--input': [at('slopes/Slopes_TEST.ts')],
      '--explain': ['1', '1000'],
    },
  },
  compare: {
    base: () => [
      '--data',
      at('slopes'),
      ...small,
      '--epochs',
      '1',
      '--seeds',
      '1',
      '--forms',
      'bn',
      '--output',
      at('all'),
    ],
    values: {
      ...{
        ...sizes,
        ...reading,
        '--wide': ['auto', 'off'],
        '--threads': ['1', '2'],
        '--jobs': ['1', '2'],
        '--dropout': ['0'],
      },
      ...{ '--data': [at('slopes')], '--forms': ['softmax,linear+bn'], '--seeds': ['2'], '--output': [at('again')] },
      ...{ '--config': [at('compare.json')], '--epochs': ['2'], '--batch-size': ['4'], '--learning-rate': ['0.01'] },
      '--validation': ['0', '0.25'],
      ...{ ...windows, '--head-cases': ['0', '2'], '--patch-size': ['2'] },
    },
  },
  inspect: {
    base: () => ['--model', at('model'), '--data', at('slopes'), '--cases', '1'],
    values: {
      ...{ '--model': [`${at('model')},${at('other')}`], '--data': [at('slopes')], '--cases': ['1', '1000'] },
      ...{ '--maps': ['1', '3'], '--share': ['0.5', '1'], '--batch-size': ['1', '4'], '--output': [at('i/page.html')] },
      ...{ ...common, ...reading },
    },
  },
  bench: {
    base: () => ['--quick', '--filter', 'attention forward softmax', '--shape', '1x1x8x8'],
    values: { ...common, '--shape': ['1x2x16x8'], '--filter': ['attention forward bn'] },
  },
  info: { base: () => [], values: common },
  export: {
    base: () => ['--model', at('model'), '--output', at(`small${runs++}`)],
    values: { '--model': [at('model')], '--output': [at('small')] },
  },
};
/** What has no end of its own, or needs a server: test/serve and test/cli/queue have these. */
const elsewhere = { commands: ['serve', 'worker'], flags: ['--queue'] };

const valuesOf = (name: string, { long, argChoices }: Option) => argChoices ?? cases[name].values[long!];
const options = Object.keys(cases).flatMap((name) =>
  commands
    .get(name)!
    .options.filter(({ long }) => long !== '--help' && !elsewhere.flags.includes(long!))
    .map((option) => [name, option.long!, option] as const),
);

async function expectDone(args: readonly string[]): Promise<void> {
  said = '';
  const status = await run(args);
  expect({ args, status }, said).toEqual({ args, status: 0 });
}

it('every command is in this test, or in one of its own', () => {
  expect([...commands.keys()].sort()).toEqual([...Object.keys(cases), ...elsewhere.commands].sort());
});

describe('a documented value', () => {
  it.each(options.filter(([, , { required }]) => required))('of %s %s is taken', async (name, long, option) => {
    const values = valuesOf(name, option);
    expect(values, `${name} ${long} has no values in this test`).toBeDefined();
    for (const value of values) {
      await expectDone([
        name,
        ...cases[name].base(),
        ...source(name, long, value),
        ...(besides[long] ?? besides[`${long} ${value}`] ?? besides[`${name} ${long}`] ?? []),
        long,
        value,
      ]);
    }
  });

  it.each(options.filter(([, , { required }]) => !required))('%s %s is taken', async (name, long, { optional }) => {
    const args = [name, ...cases[name].base(), ...(besides[long] ?? [])];
    await expectDone([...args, long]);
    for (const value of optional ? cases[name].values[long] : []) await expectDone([...args, `${long}=${value}`]);
  });
});

describe('the documentation', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const pages = [
    'README.md',
    ...readdirSync(join(root, 'docs')).flatMap((name) => (/\.md$/.test(name) ? [`docs/${name}`] : [])),
  ];
  /** `--flag value` in running text and tables; values in capitals stand for others. */
  const mentioned = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/`(--[a-z-]+) ([^`\sA-Z]+)`/g)].map(
      ([, long, value]) => [page, long, value] as const,
    ),
  );

  it.each(mentioned)('%s: %s %s is what a command takes', (_, long, value) => {
    const known = [...commands.values()].flatMap((command) => command.options.filter((option) => option.long === long));
    expect(known.length, `no command has ${long}`).toBeGreaterThan(0);
    for (const option of known) expect(() => option.parseArg?.<unknown>(value, undefined)).not.toThrow();
  });

  it('mentions some', () => {
    expect(mentioned).toContainEqual(['docs/training.md', '--clip-norm', 'none']);
  });
});

describe('a wrong word', () => {
  it.each([
    ['train', '--form', 'softmx', 'softmax'],
    ['train', '--schedule', 'cosin', 'cosine'],
    ['train', '--optimizer', 'adamw', 'adamW'],
    ['train', '--monitor', 'acuracy', 'accuracy'],
    ['train', '--normalization', 'btch', 'batch'],
    ['train', '--wide', 'offf', 'off'],
    ['evaluate', '--part', 'tests', 'test'],
    ['predict', '--format', 'jsn', 'json'],
    ['compare', '--forms', 'softmax,lineer', 'linear'],
  ])('of %s %s %s is told with the nearest one', async (name, long, value, meant) => {
    said = '';
    expect(await run([name, ...cases[name].base(), long, value])).toBe(2);
    expect(said).toMatch(
      new RegExp(`^error: option '${long} <.*>' argument '${value}' is invalid\\. .*Did you mean '${meant}'\\?`),
    );
  });

  it.each([
    ['train', '--epochz', '--epochs'],
    ['inspect', '--case', '--cases'],
  ])('%s %s is told with the nearest flag', async (name, long, meant) => {
    said = '';
    expect(await run([name, ...cases[name].base(), long, '1'])).toBe(2);
    expect(said).toContain(`unknown option '${long}'`);
    expect(said).toContain(`Did you mean ${meant}?`);
  });
});
