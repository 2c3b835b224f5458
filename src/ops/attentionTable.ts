// The options of attention, one entry each: its place in a saved model, what it cannot be combined with, and its checks,
// default and fields in the kernel's problem. All lists of options follow from this table.

import { checkBoolean, checkChoice, checkInteger, checkNumber } from '../checks/values.js';
import { Kernel } from '../runtime/generated/bindings.js';
import {
  batchNormFields,
  blockFields,
  checkConvolution,
  checkMask,
  FAR,
  integers,
  slopesOf,
  windowFields,
} from './attentionFields.js';
import type { AttentionOptions } from './attentionOptions.js';
import type { QueryKeySizes } from './attentionShapes.js';

type Name = keyof AttentionOptions;

/** An option: `Value` as a caller gives it. */
interface Entry<Value> {
  /** A saved layer can hold it: it is plain, and neither comes with the data nor is an argument of the layer. */
  saved: boolean;
  /** Checks the value and gives the fields of the problem, or a tensor. undefined stands for the default. */
  resolve: (value: Value | undefined, sizes: QueryKeySizes, options: AttentionOptions) => object;
  /** Whether a value that was checked does something. Default: whether it was given. */
  acts?: (value: Value) => boolean;
  /** How an error names it where it does. Default: its name. */
  label?: string;
  /** Options that have no meaning beside it, and why. */
  excludes?: Partial<Record<Name, string>>;
}

const owner = 'attention';
const isLinear = ({ kernel }: AttentionOptions) => kernel === 'linear';
const NO_SCORES = 'linear attention has no scores';

export const attentionTable = {
  kernel: {
    saved: true,
    acts: (kernel) => kernel === 'linear',
    label: "kernel 'linear'",
    excludes: {
      mask: NO_SCORES,
      blockMask: NO_SCORES,
      window: 'its sums run over all keys, or all keys so far',
      softcap: NO_SCORES,
      alibiSlopes: NO_SCORES,
      dropout: 'it has no weights',
    },
    resolve: (kernel = 'softmax') => {
      checkChoice(owner, 'kernel', kernel, ['softmax', 'linear']);
      return { kernel: kernel === 'linear' ? Kernel.LINEAR : Kernel.SOFTMAX };
    },
  },
  scale: {
    saved: true,
    resolve: (value, { headWidth }, options) => {
      const linear = isLinear(options);
      const scale = value === undefined ? (linear ? 1 : 1 / Math.sqrt(headWidth)) : value;
      const must = linear ? 'a finite float32 above 0 for linear attention' : 'a finite float32 and not 0';
      checkNumber(owner, 'scale', scale, (x) => (linear ? x > 0 : x !== 0), must);
      return { scale };
    },
  },
  batchNorm: {
    saved: true,
    acts: (batchNorm) => batchNorm !== false,
    excludes: { causal: 'the statistics of the keys would see the future' },
    resolve: (batchNorm) => batchNormFields(batchNorm),
  },
  headScales: {
    saved: true,
    acts: (headScales) => headScales.some((scale) => scale > 1),
    excludes: {
      mask: 'the pooled keys are not those of the mask',
      blockMask: 'the pooled keys are not those of the blocks',
      alibiSlopes: 'a pooled key has several positions',
    },
    resolve: (headScales, { keyHeads }) => {
      const scales = headScales === undefined ? new Array<number>(keyHeads).fill(1) : headScales;
      return { headScales: integers('headScales', scales, keyHeads, 'key/value head', 1, FAR) };
    },
  },
  conv: {
    saved: false,
    excludes: { causal: 'the convolution would see the future' },
    resolve: (conv, sizes) => ({ conv: checkConvolution(conv, sizes) }),
  },
  mask: {
    saved: false,
    resolve: (mask, sizes) => ({ mask: checkMask(mask, sizes) }),
  },
  keyLengths: {
    saved: false,
    resolve: (keyLengths, { batch, keys }) => {
      const lengths = keyLengths === undefined ? new Array<number>(batch).fill(keys) : keyLengths;
      return { keyLengths: integers('keyLengths', lengths, batch, 'sample', 0, keys) };
    },
  },
  causal: {
    saved: true,
    acts: (causal) => causal,
    resolve: (causal = false) => ({ causal: Number(checkBoolean(owner, 'causal', causal)) }),
  },
  window: {
    saved: true,
    acts: ([left, right]) => [left, right].some((side) => side >= 0 && side <= FAR),
    resolve: (window) => windowFields(window),
  },
  queryOffset: {
    saved: false,
    resolve: (queryOffset = 0, { batch }) => {
      const offsets = typeof queryOffset === 'number' ? new Array<number>(batch).fill(queryOffset) : queryOffset;
      const checked = integers('queryOffset', offsets, batch, 'sample', -Infinity, Infinity);
      return { queryOffsets: checked.map((offset) => Math.max(-FAR, Math.min(FAR, offset))) };
    },
  },
  blockMask: {
    saved: false,
    resolve: (blockMask, sizes) => blockFields(blockMask, sizes),
  },
  softcap: {
    saved: true,
    resolve: (softcap) => {
      if (softcap === undefined) return { softcap: 0 };
      checkNumber(owner, 'softcap', softcap, (x) => x > 0, 'a finite float32 above 0');
      // A cap far above all scores is none; one far below their digits makes them all alike.
      return { softcap: softcap >= 2 ** 96 ? 0 : Math.max(softcap, 2 ** -96) };
    },
  },
  alibiSlopes: {
    saved: true,
    acts: (alibiSlopes) => alibiSlopes !== false,
    resolve: (alibiSlopes, { heads }) => ({ alibiSlopes: slopesOf(alibiSlopes, heads) }),
  },
  dropout: {
    saved: false,
    acts: (dropout) => dropout > 0,
    resolve: (dropout = 0) => {
      checkNumber(owner, 'dropout', dropout, (x) => x >= 0 && x < 1, '0 or more and below 1');
      return { dropout };
    },
  },
  seed: {
    saved: false,
    resolve: (seed = Math.floor(Math.random() * 2 ** 32)) => {
      return { seed: checkInteger(owner, 'seed', seed, -(2 ** 31), 2 ** 32 - 1) };
    },
  },
} as const satisfies { [Own in Name]-?: Entry<NonNullable<AttentionOptions[Own]>> };

type Table = typeof attentionTable;

/** The options that a saved model can hold. */
export type SavedName = { [Own in keyof Table]: Table[Own]['saved'] extends true ? Own : never }[keyof Table];

/** All options, in the table's order. */
export const attentionOptionNames = Object.keys(attentionTable) as Name[];

/** What all entries give together: as arguments of one function, their types meet. */
type Resolved = { [Own in keyof Table]: (fields: ReturnType<Table[Own]['resolve']>) => void }[keyof Table] extends (
  fields: infer All,
) => void
  ? All
  : never;

/** Checks all options and fills in every default. */
export function resolveEntries(options: AttentionOptions, sizes: QueryKeySizes): Resolved {
  const entries: Readonly<Record<Name, Entry<never>>> = attentionTable;
  const resolved = attentionOptionNames.map((name) => entries[name].resolve(options[name] as never, sizes, options));
  return Object.assign({}, ...resolved) as Resolved;
}

/** Whether an option was given a value that does something. */
function acts(name: Name, options: AttentionOptions): boolean {
  const { acts = () => true }: Entry<never> = attentionTable[name];
  return options[name] !== undefined && acts(options[name] as never);
}

/** Throws an Error that names two options which have no meaning together. The options are checked one by one already. */
export function checkCombinations(options: AttentionOptions): void {
  for (const name of attentionOptionNames) {
    if (!acts(name, options)) continue;
    const { excludes = {}, label = name }: Entry<never> = attentionTable[name];
    for (const [other, reason] of Object.entries(excludes)) {
      if (acts(other as Name, options)) {
        throw new Error(`${owner}: ${label} and ${other} cannot be combined: ${reason}`);
      }
    }
  }
}
