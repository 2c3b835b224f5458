// The moments that an optimizer keeps, each tied to its variable.

import * as tf from '@tensorflow/tfjs-core';
import { formatShape } from '../checks/tensors.js';

/** Moments of one variable. */
export interface Moments {
  /** That of the variable; of moments that were loaded, of the variable that they were saved for. */
  name: string;
  /** undefined until the variable of loaded moments is stepped. */
  variable?: tf.Variable;
  first: tf.Variable;
  second: tf.Variable;
  /** With amsgrad. */
  most?: tf.Variable;
  /** Steps of this variable. */
  steps: number;
}

/** Parts of moments and the ends of their names, as they are saved. */
export const savedParts = [
  ['first', 'm'],
  ['second', 'v'],
  ['most', 'vmax'],
] as const;

const tensorsOf = ({ first, second, most }: Moments) => [first, second, ...(most ? [most] : [])];

/** A name as it was given: tfjs adds a number where a variable of another model has it. */
const baseOf = (name: string) => name.replace(/_\d+$/, '');

const shapesFit = (moments: Moments, variable: tf.Variable) => tf.util.arraysEqual(moments.first.shape, variable.shape);

/** The items that have a name of their own. */
function uniquelyNamed<Item extends { name: string }>(items: readonly Item[]): Map<string, Item> {
  const names = items.map(({ name }) => baseOf(name));
  return new Map(
    items.flatMap((item, i) => (names.filter((name) => name === names[i]).length === 1 ? [[names[i], item]] : [])),
  );
}

/** See MomentOptimizer. */
export class MomentStore {
  private entries: Moments[] = [];

  /** @param withMost whether moments have a largest mean of squares */
  constructor(
    private readonly owner: string,
    private readonly withMost: boolean,
  ) {}

  /** All moments of variables that are still there, in the order in which they came. */
  get all(): readonly Moments[] {
    return this.entries.filter(({ variable }) => !variable?.isDisposed);
  }

  /**
   * The moments of variables, in their order: those of the same variable, those that were loaded for it, or new ones. Nothing
   * is kept until `keep` is called with them; else `drop` must be.
   *
   * Loaded moments belong to the variable of their name. Where no name is known, as in another process or for a copy of the
   * model, they belong to the variables with the same names up to the number that tfjs adds; without such, to as many
   * variables of the same shapes, in their order.
   *
   * @throws Error if loaded moments belong to none of the variables, or do not have the shape of their variable
   */
  momentsOf(variables: readonly tf.Variable[]): Moments[] {
    const { all } = this;
    const loaded = all.filter(({ variable }) => variable === undefined);
    const bound = new Map(all.map((moments) => [moments.variable, moments]));
    const others = variables.filter((variable) => !bound.has(variable));
    const exact = new Map(loaded.map((moments) => [moments.name, moments]));
    const isKnown = loaded.length < all.length || others.some(({ name }) => exact.has(name));
    const pairs = isKnown
      ? new Map(others.map((variable) => [variable, exact.get(variable.name)]))
      : this.pairByForm(loaded, others);
    for (const [variable, moments] of pairs) {
      if (!moments || shapesFit(moments, variable)) continue;
      const [was, must] = [formatShape(moments.first), formatShape(variable)];
      throw new Error(
        `${this.owner}: the moments of ${moments.name} were ${was}; they must be ${must}, as the variable`,
      );
    }
    return variables.map((variable) => {
      const own = bound.get(variable) ?? pairs.get(variable);
      return own ? { ...own, name: variable.name, variable } : this.zeros(variable);
    });
  }

  /** Keeps moments that momentsOf gave, after a step. */
  keep(stepped: readonly Moments[]): void {
    for (const { variable } of this.entries) if (variable?.isDisposed) this.dropOf(variable);
    const places = new Map(this.entries.map(({ first }, index) => [first, index]));
    for (const moments of stepped) this.entries[places.get(moments.first) ?? this.entries.length] = moments;
  }

  /** Frees those of moments from momentsOf that are new. */
  drop(moments: readonly Moments[]): void {
    const kept = new Set(this.entries.map(({ first }) => first));
    for (const one of moments) if (!kept.has(one.first)) tf.dispose(tensorsOf(one));
  }

  /** Puts moments in the place of all that were there. */
  load(moments: Moments[]): void {
    this.dispose();
    this.entries = moments;
  }

  dispose(): void {
    for (const moments of this.entries) tf.dispose(tensorsOf(moments));
    this.entries = [];
  }

  private dropOf(variable: tf.Variable): void {
    this.entries = this.entries.filter((moments) => {
      if (moments.variable !== variable) return true;
      tf.dispose(tensorsOf(moments));
      return false;
    });
  }

  private pairByForm(loaded: readonly Moments[], variables: readonly tf.Variable[]) {
    const pairs = new Map<tf.Variable, Moments>();
    if (loaded.length === 0 || variables.length === 0) return pairs;
    const [saved, present] = [uniquelyNamed(loaded), uniquelyNamed(variables)];
    for (const [name, variable] of present) {
      const moments = saved.get(name);
      if (moments) pairs.set(variable, moments);
    }
    if (pairs.size > 0) return pairs;
    const inOrder = loaded.length === variables.length && variables.every((one, i) => shapesFit(loaded[i], one));
    if (inOrder) return new Map(variables.map((variable, i) => [variable, loaded[i]]));
    const list = (items: readonly { name: string }[]) => items.map(({ name }) => name).join(', ');
    throw new Error(
      `${this.owner}: the variables were ${list(variables)}; the moments that were loaded are of ${list(loaded)}, and must ` +
        'be of the same variables',
    );
  }

  private zeros(variable: tf.Variable): Moments {
    const zero = () => {
      const zeros = tf.zerosLike(variable);
      const made = tf.variable(zeros, false);
      zeros.dispose();
      return made;
    };
    const made: tf.Variable[] = [];
    try {
      while (made.length < (this.withMost ? 3 : 2)) made.push(zero());
    } catch (error) {
      tf.dispose(made);
      throw error;
    }
    const [first, second, most] = made;
    return { name: variable.name, variable, first, second, most, steps: 0 };
  }
}
