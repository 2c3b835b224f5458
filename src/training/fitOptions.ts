import type { Augmentation } from '../data/augmentations.js';
import type { Cases } from '../data/labelledData.js';
import { boolean, callback, integer, path, type Rule } from '../checks/rules.js';
import { checkOptions } from '../checks/values.js';
import { checkValues, conflictIn, defaultsOf, type OptionTable, type WithDefault } from './optionTable.js';
import type { Progress } from './progress.js';
import { type TrainingOptions, trainingOptions } from './trainingOptions.js';

/** How fit trains. */
export interface FitOptions extends TrainingOptions {
  /** Changes each training batch; `seed` differs from batch to batch, and is the same when a run is repeated. */
  augmentation?: Augmentation;
  /** Standardised data, apart from the training data, on which each epoch is scored. */
  validation?: Cases;

  /** Folder of the run, see RunFolder: fit keeps config.json, metrics.jsonl and checkpoints in it. Node only. */
  folder?: string;
  /** Continues the run in `folder` from where it stands, bit for bit, or begins it; default false. */
  resume?: boolean;
  /**
   * Plain values for config.json besides these options: what else the run depends on. A `seed` takes the place of fit's:
   * the one from which the caller derived that.
   */
  config?: Record<string, unknown>;

  /** When it is aborted, training ends after the current batch, `folder` keeps it, and fit gives the complete epochs. */
  signal?: AbortSignal;
  /** Hears what of a run that is resumed was damaged, and what takes its place; default: console.warn. */
  onWarning?: (text: string) => void;
  /** Is not awaited. */
  onBatchEnd?: (progress: Progress) => void;
  /** Is awaited: in it the model is that of the epoch's end. */
  onEpochEnd?: (progress: Progress) => void | Promise<void>;
}

/** Arrays and objects within each other, beyond which a configuration is none, or has itself in it. */
const DEEPEST = 100;

/** Whether JSON keeps it as it is. */
function isPlain(value: unknown, depth = 0): boolean {
  const arePlain = (values: unknown[]) => depth < DEEPEST && values.every((one) => isPlain(one, depth + 1));
  if (Array.isArray(value)) return arePlain(value);
  if (typeof value !== 'object')
    return Number.isFinite(value) || ['string', 'boolean', 'undefined'].includes(typeof value);
  if (value === null) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === null || prototype === Object.prototype) && arePlain(Object.values(value));
}
const plainObject: Rule = {
  must: "an object of plain values, as JSON has them, whose 'seed' is an integer, if it has one",
  test(value) {
    if (Array.isArray(value) || typeof value !== 'object' || value === null || !isPlain(value)) return false;
    const { seed = 0 } = value as { seed?: unknown };
    return integer().test(seed);
  },
};
const signal: Rule = {
  must: 'an AbortSignal',
  test: (value) => typeof value === 'object' && value !== null && 'aborted' in value && boolean.test(value.aborted),
};

/** What is known of each. */
export const fitOptions = {
  ...trainingOptions,
  augmentation: { rule: callback },
  validation: {},
  folder: { rule: path },
  resume: { default: false, rule: boolean, needs: 'folder' },
  config: { rule: plainObject, needs: 'folder' },
  signal: { rule: signal },
  onWarning: { default: (text) => console.warn(text), rule: callback },
  onBatchEnd: { rule: callback },
  onEpochEnd: { rule: callback },
} satisfies OptionTable<FitOptions>;

const defaults = defaultsOf(fitOptions);

/** FitOptions with all defaults in place. */
export type FitSettings = FitOptions & Required<Pick<FitOptions, WithDefault<typeof fitOptions> | 'seed'>>;

/**
 * Checks the options of fit by themselves.
 *
 * @param options as the caller gave them
 * @returns the options with all defaults
 * @throws Error that names the option, if one is unknown, out of range, or does not go with another
 */
export function fitSettings(options: FitOptions): FitSettings {
  checkOptions('fit', options, Object.keys(fitOptions));
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as FitOptions;
  const settings: FitSettings = { seed: Math.floor(Math.random() * 2 ** 32), ...defaults, ...given };
  checkValues('fit', fitOptions, { ...settings });
  const conflict = conflictIn(fitOptions, { ...given }, (name) => name);
  if (conflict !== undefined) throw new Error(`fit: ${conflict}`);
  return settings;
}
