// The options of npm run bench.

import { parseArgs } from 'node:util';

export const usage = `npm run bench -- [kernels] [tiles] [softmax] [values] [predict] [steps] [curves] [tfjs] [options]
  kernels          every kernel, row by row (default)
  tiles            the register tiles of products alone, against the roofline
  softmax          the softmax part of attention alone, in nanoseconds a score
  values           every heavy kernel for numbers of any size, subnormal ones too, relative to numbers around 1
  predict          the predict runtime: int8 against float32, products and whole predictions, and its start
  steps            whole training steps against tfjs's own ops
  curves           time, arithmetic and memory of the forms of attention against length and width
  tfjs             models of tf.layers as they are: training steps against tfjs's wasm and its plain JavaScript
  peers            attention, products and steps against onnxruntime, tfjs and PyTorch (npm run bench:peers installs all
                   but PyTorch)
  report           measures nothing: makes the page for --report from the documents in --out

  --filter WORDS   only rows whose name contains all these words: 'matMul', 'linear 1x8x4096', 'A softmax'
  --threads LIST   numbers of threads, separated by commas, or 'all'; default 1,all
  --builds LIST    simd, relaxed, wide, separated by commas, or 'all'; default the one that init() chooses
  --profile        with steps: the share of each kernel in a step, and which are not ours
  --quick          fewer repetitions, and shorter curves: to see that it works
  --no-tfjs        leave out tfjs's own ops (they take most of the time)
  --all-tfjs       tfjs's own ops for step D too: more than a minute per step
  --out DIR        folder for the documents and the files of curves; default runs/bench
  --report FILE    write an HTML page with tables and charts of what was measured
  --json           one JSON document on standard output
  --help`;

export const kinds = [
  'kernels',
  'tiles',
  'softmax',
  'values',
  'predict',
  'steps',
  'curves',
  'tfjs',
  'peers',
  'report',
] as const;
export type Kind = (typeof kinds)[number];

/** Wrong use: the message names the valid choices. */
export class UsageError extends Error {}

const definitions = {
  filter: { type: 'string', default: '' },
  threads: { type: 'string', default: '1,all' },
  builds: { type: 'string' },
  curves: { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  'no-tfjs': { type: 'boolean', default: false },
  'all-tfjs': { type: 'boolean', default: false },
  out: { type: 'string', default: 'runs/bench' },
  report: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function isKind(word: string): word is Kind {
  return (kinds as readonly string[]).includes(word);
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: definitions, allowPositionals: true });
  } catch (error) {
    const names = Object.keys(definitions).map((name) => `--${name}`);
    throw new UsageError(`${(error as Error).message}\noptions are ${names.join(', ')}`);
  }
}

/** @throws UsageError */
export function readOptions(args: string[]) {
  const { values, positionals } = parse(args);
  for (const word of positionals) {
    if (!isKind(word)) throw new UsageError(`'${word}' is nothing to measure; it must be ${kinds.join(', ')}`);
  }
  // As the word; scripts have it from earlier versions.
  const words = values.curves ? [...positionals, 'curves'] : positionals;
  const chosen = kinds.filter((kind) => words.includes(kind));
  if (values.profile && chosen.some((kind) => kind !== 'steps')) {
    throw new UsageError(`--profile was given with ${chosen.join(', ')}; it goes with steps`);
  }
  if (values['no-tfjs'] && values['all-tfjs']) throw new UsageError('--no-tfjs was given with --all-tfjs; give one');
  if (chosen.includes('report') && (!values.report || chosen.length > 1)) {
    throw new UsageError(`report was given as ${positionals.join(' ')}; it stands alone, with --report FILE`);
  }
  const fallback: Kind = values.profile ? 'steps' : 'kernels';
  return { ...values, kinds: chosen.length > 0 ? chosen : [fallback] };
}

/** @throws UsageError */
export function readThreads(list: string, all: number): number[] {
  const counts = list.split(',').map((word) => {
    const count = word === 'all' ? all : Number(word);
    if (Number.isInteger(count) && count >= 1) return count;
    throw new UsageError(`--threads held '${word}'; it must be positive integers or 'all', separated by commas`);
  });
  return [...new Set(counts)].sort((a, b) => a - b);
}

/** @throws UsageError */
export function readBuilds(list: string | undefined, runnable: readonly string[], chosen: string): string[] {
  if (list === undefined) return [chosen];
  if (list === 'all') return [...runnable];
  for (const build of list.split(',')) {
    if (runnable.includes(build)) continue;
    throw new UsageError(`--builds held '${build}'; here it must be among ${runnable.join(', ')}, or all`);
  }
  return list.split(',');
}
