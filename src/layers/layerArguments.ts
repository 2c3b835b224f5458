// The arguments of layers: a table for each layer says what they may be, what they are where they are not given, and what
// its configuration holds of them. A name that is not in the table is an error.

import { check, checkOptions, formatValue } from '../checks/values.js';
import { boolean, integer, oneOf, type Rule } from '../checks/rules.js';
import {
  type ConstraintIdentifier,
  type InitializerIdentifier,
  type ObjectKind,
  type RegularizerIdentifier,
  type SerializedObject,
  serializeObject,
} from './kerasObjects.js';
import type { LayerArgs } from './layerArgs.js';

/** An argument: as a caller gives it, and as the configuration holds it. JSON has no undefined: null is not given. */
export interface Argument<Given = unknown, Setting = unknown> {
  /** Checks a value, and fills in what it is where it was not given. */
  resolve(owner: string, name: string, value: Given | null | undefined): Setting;
}

/** Arguments of a layer beside those of all layers: one that is missing, unknown or of another type is a build error. */
export type ArgumentTable<Args> = {
  readonly [Name in Exclude<keyof Args, keyof LayerArgs>]-?: Argument<NonNullable<Args[Name]>>;
};

/** What the arguments are, once defaults are in their place. */
export type Settings<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends Argument<never, infer Setting> ? Setting : never;
};

/** An argument that must be given. */
export const required = <Value>(rule: Rule): Argument<Value, Value> => ({
  resolve(owner, name, value) {
    check(owner, name, value, rule);
    return value as Value;
  },
});

/** An argument with a default. */
export const optional = <Value>(rule: Rule, fallback: Value): Argument<Value, Value> => ({
  resolve(owner, name, value) {
    if (value !== null && value !== undefined) check(owner, name, value, rule);
    return value ?? fallback;
  },
});

/** An argument that may be missing. */
export const maybe = <Value>(rule: Rule) => optional<Value | null>(rule, null) as Argument<Value, Value | null>;

/** An initializer. */
export const initializer = (fallback: InitializerIdentifier): Argument<InitializerIdentifier, SerializedObject> => ({
  resolve: (owner, name, value) => serializeObject(owner, name, 'initializer', value ?? fallback),
});

const object = <Given>(kind: ObjectKind): Argument<Given, SerializedObject | null> => ({
  resolve: (owner, name, value) => (value == null ? null : serializeObject(owner, name, kind, value)),
});
/** A regularizer; none by default. */
export const regularizer = object<RegularizerIdentifier>('regularizer');
/** A constraint; none by default. */
export const constraint = object<ConstraintIdentifier>('constraint');

/** A seed of random numbers. */
export const seedArgument = maybe<number>(integer());

type Names<Prefix extends string, Kind extends string> = Prefix extends '' ? Uncapitalize<Kind> : `${Prefix}${Kind}`;

/**
 * The arguments of a weight, with Keras's names (`kernelInitializer`, ...): its initial values; a penalty that joins the
 * loss in training; a projection after each step of an optimizer.
 */
export type WeightArgs<Prefix extends string> = { [Name in Names<Prefix, 'Initializer'>]?: InitializerIdentifier } & {
  [Name in Names<Prefix, 'Regularizer'>]?: RegularizerIdentifier;
} & { [Name in Names<Prefix, 'Constraint'>]?: ConstraintIdentifier };

type WeightTable<Prefix extends string> = { [Name in Names<Prefix, 'Initializer'>]: ReturnType<typeof initializer> } & {
  [Name in Names<Prefix, 'Regularizer'>]: typeof regularizer;
} & { [Name in Names<Prefix, 'Constraint'>]: typeof constraint };

/** The name of a weight's argument. */
export function weightArgument(prefix: string, kind: 'Initializer' | 'Regularizer' | 'Constraint'): string {
  return prefix === '' ? kind.toLowerCase() : `${prefix}${kind}`;
}

/** The entries of a weight's arguments. */
export function weightArguments<Prefix extends string>(
  prefix: Prefix,
  fallback: InitializerIdentifier,
): WeightTable<Prefix> {
  return {
    [weightArgument(prefix, 'Initializer')]: initializer(fallback),
    [weightArgument(prefix, 'Regularizer')]: regularizer,
    [weightArgument(prefix, 'Constraint')]: constraint,
  } as WeightTable<Prefix>;
}

const shape: Rule = {
  must: 'an array of sizes, integers from 0 on or null',
  test: (value) =>
    Array.isArray(value) && value.every((size) => size === null || (Number.isInteger(size) && (size as number) >= 0)),
};
const dtype = oneOf(['float32', 'int32', 'bool']);

/** What every tfjs layer takes; tfjs itself checks none of it. */
const layerRules: { readonly [Name in keyof LayerArgs]-?: Rule } = {
  name: { must: 'a text that is not empty', test: (value) => typeof value === 'string' && value !== '' },
  trainable: boolean,
  inputShape: shape,
  batchInputShape: shape,
  batchSize: integer(1),
  dtype,
  inputDType: dtype,
  weights: { must: 'an array of tensors', test: (value) => Array.isArray(value) },
};

const layerNames = Object.keys(layerRules) as (keyof LayerArgs)[];

/**
 * @param owner the layer, for errors
 * @param table its own arguments
 * @param args as given, or as saved
 * @returns the arguments of all layers that were given, for tfjs
 * @throws Error that names an argument which is unknown or wrong
 */
export function checkArguments(owner: string, table: object, args: unknown): LayerArgs {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    throw new Error(`${owner}: its arguments were ${formatValue(args)}; they must be an object`);
  }
  checkOptions(owner, args, [...Object.keys(table), ...layerNames]);
  const given: Record<string, unknown> = {};
  for (const name of layerNames) {
    const value = (args as LayerArgs)[name];
    if (value === undefined || value === null) continue;
    check(owner, name, value, layerRules[name]);
    given[name] = value;
  }
  if (given.inputShape && given.batchInputShape) {
    throw new Error(`${owner}: inputShape and batchInputShape were both given; give one of them`);
  }
  if (given.batchSize && !given.inputShape) {
    throw new Error(`${owner}: batchSize was ${given.batchSize as number} without inputShape; give that too`);
  }
  return given;
}

/** Checks all arguments of a table, and fills in what was not given. */
export function resolveArguments<Table extends Readonly<Record<string, Argument<never>>>>(
  owner: string,
  table: Table,
  args: object,
): Settings<Table> {
  const values = args as Readonly<Record<string, never>>;
  const resolved = Object.entries(table).map(([name, argument]) => [
    name,
    argument.resolve(owner, name, Object.hasOwn(values, name) ? values[name] : undefined),
  ]);
  return Object.fromEntries(resolved) as Settings<Table>;
}
