import { check, checkOptions, formatValue } from '../checks/values.js';
import type { Rule } from '../checks/rules.js';
import type { OptimizerName } from './optimizers.js';

/** What is known of an option. */
export interface OptionFacts<Value = unknown> {
  /** Where it is not given; without one it may be missing. */
  default?: Value;
  /** What it must be; without one, what uses it checks it. */
  rule?: Rule;
  /** The option without which it has no meaning. */
  needs?: string;
  /** The option that it must be below. */
  below?: string;
  /** The optimizers that take it, by name; one that the caller made has its own. Default: all, as it is not theirs. */
  optimizers?: readonly OptimizerName[];
}

/** Facts for each option of an interface: one that is missing, or of another type, is a build error. */
export type OptionTable<Options> = { [Name in keyof Options]-?: OptionFacts<Options[Name]> };

/** The names of a table that have a default. */
export type WithDefault<Table> = {
  [Name in keyof Table]: Table[Name] extends { default: unknown } ? Name : never;
}[keyof Table];

type Defaults<Table> = { [Name in WithDefault<Table>]: Table[Name] extends { default: infer Value } ? Value : never };

type Facts = Readonly<Record<string, OptionFacts>>;
type Values = Readonly<Record<string, unknown>>;

/** The defaults of a table. */
export function defaultsOf<Table extends Facts>(table: Table): Defaults<Table> {
  const found = Object.entries(table).filter(([, facts]) => facts.default !== undefined);
  return Object.fromEntries(found.map(([name, facts]) => [name, facts.default])) as Defaults<Table>;
}

/** @throws Error that names the owner and the option, if a value is not what its rule says */
export function checkValues(owner: string, table: Facts, values: Values): void {
  for (const [name, { rule }] of Object.entries(table)) {
    if (rule && values[name] !== undefined) check(owner, name, values[name], rule);
  }
}

/**
 * Checks options by themselves.
 *
 * @param owner the function that takes them, for errors
 * @param table facts of its options, all with a default
 * @param options as the caller gave them; undefined stands for the default
 * @returns the options with all defaults
 * @throws Error that names the option, if one is unknown or not what its rule says
 */
export function resolveOptions<Options extends object>(
  owner: string,
  table: OptionTable<Options>,
  options: Options,
): Required<Options> {
  const facts = table as Facts;
  checkOptions(owner, options, Object.keys(facts));
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const resolved = { ...defaultsOf(facts), ...Object.fromEntries(given) };
  checkValues(owner, facts, resolved);
  return resolved as Required<Options>;
}

/** Whether an optimizer, by its name or made by the caller, takes an option. */
export function isTaken({ optimizers }: OptionFacts, optimizer: unknown): boolean {
  return optimizers === undefined || optimizers.includes(optimizer as OptimizerName);
}

/**
 * What does not go together in some options.
 *
 * @param table facts of the options
 * @param given values as the caller gave them, without defaults
 * @param nameOf what the caller knows an option as
 * @returns the first fault as a sentence; undefined if there is none
 */
export function conflictIn(table: Facts, given: Values, nameOf: (name: string) => string): string | undefined {
  const valueOf = (name: string) => given[name] ?? table[name].default;
  const optimizer = valueOf('optimizer');
  for (const [name, facts] of Object.entries(table)) {
    const value = valueOf(name);
    const was = `${nameOf(name)} was ${typeof value === 'object' ? 'given' : formatValue(value)}`;
    const { needs, below, optimizers } = facts;
    if (given[name] !== undefined && !isTaken(facts, optimizer)) {
      if (typeof optimizer !== 'string') return `${was} with an optimizer, which has its own; give one of them`;
      return `${was} for '${optimizer}'; only '${optimizers!.join("', '")}' takes it`;
    }
    if (needs !== undefined && value && given[needs] === undefined) {
      return `${was} without ${nameOf(needs)}; give that too`;
    }
    if (below !== undefined && !((value as number) < (valueOf(below) as number))) {
      return `${was}; it must be below ${nameOf(below)}, ${String(valueOf(below))}`;
    }
  }
  return undefined;
}
