// Initializers, regularizers and constraints as layers take them: by name, as objects, or in serialised form.

import * as tf from '@tensorflow/tfjs-core';
import { constraints, initializers, layers, regularizers } from '@tensorflow/tfjs-layers';
import { UnknownNameError } from '../checks/unknownNameError.js';
import { atLeastZero, integer, number, type Rule } from '../checks/rules.js';
import { check, checkOptions, formatValue } from '../checks/values.js';

/** An object that makes a weight's initial value, as tfjs's `initializers` do. */
export type Initializer = ReturnType<typeof initializers.ones>;
/** An object that makes a penalty of a weight, as tfjs's `regularizers` do. */
export type Regularizer = ReturnType<typeof regularizers.l1l2>;
/** An object that projects a weight after each step, as tfjs's `constraints` do. */
export type Constraint = ReturnType<typeof constraints.nonNeg>;

/** An object of Keras as JSON can hold it. */
export type SerializedObject = { className: string; config: tf.serialization.ConfigDict };

/** A name such as `'glorotUniform'`, an object, or one in serialised form. */
export type Identifier<Instance> = string | Instance | SerializedObject;
/** A name such as `'glorotUniform'`, an initializer, or one in serialised form. */
export type InitializerIdentifier = Identifier<Initializer>;
/** A name such as `'l2'`, a regularizer, or one in serialised form. */
export type RegularizerIdentifier = Identifier<Regularizer>;
/** A name such as `'nonNeg'`, a constraint, or one in serialised form. */
export type ConstraintIdentifier = Identifier<Constraint>;

interface Kind {
  /** Functions that make its objects, by the names that Keras has for them. */
  byName: Readonly<Record<string, (args: object) => tf.serialization.Serializable>>;
  /** What all of tfjs's own inherit from. */
  base: object;
}

const parentOf = (object: object) => Object.getPrototypeOf(Object.getPrototypeOf(object)) as object;
const kindOf = (namespace: object, example: object): Kind => ({
  byName: namespace as Kind['byName'],
  base: parentOf(example),
});
const kinds = {
  initializer: kindOf(initializers, initializers.zeros()),
  regularizer: kindOf(regularizers, regularizers.l1l2()),
  constraint: kindOf(constraints, constraints.nonNeg()),
};

/** What an object is for. */
export type ObjectKind = keyof typeof kinds;

type Constructor = tf.serialization.SerializableConstructor<tf.serialization.Serializable>;

/** The registered class of a name and what makes it, if it can be of the kind: one of a user's own has but to have apply. */
function classOf(kind: ObjectKind, className: unknown): [Constructor, typeof Object.assign] | undefined {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  if (typeof className !== 'string' || !Object.hasOwn(classNameMap, className)) return undefined;
  const [constructor] = classNameMap[className];
  const others = [layers.Layer.prototype, ...Object.values(kinds).map(({ base }) => base)].filter(
    (base) => base !== kinds[kind].base,
  );
  const prototype = constructor.prototype as { apply?: unknown };
  const fits =
    typeof prototype.apply === 'function' &&
    !others.some((base) => Object.prototype.isPrototypeOf.call(base, prototype));
  return fits ? (classNameMap[className] as never) : undefined;
}

/** Makes an object of its serialised form, which was checked. */
export function makeObject<Instance>(kind: ObjectKind, { className, config }: SerializedObject): Instance {
  const [constructor, fromConfig] = classOf(kind, className)!;
  return fromConfig(constructor, config) as unknown as Instance;
}

const isSerialized = (value: object): value is SerializedObject =>
  'className' in value && 'config' in value && typeof value.config === 'object' && value.config !== null;

/**
 * @param owner the layer, for errors
 * @param name the argument
 * @param kind what it is for
 * @param identifier a name, an object, or its serialised form
 * @returns the serialised form
 * @throws Error that names the argument, if there is no such object, or its serialised form has a field that is not its own
 */
export function serializeObject(owner: string, name: string, kind: ObjectKind, identifier: unknown): SerializedObject {
  const { byName } = kinds[kind];
  const attempt = <T>(make: () => T): T => {
    try {
      return make();
    } catch (error) {
      throw new Error(`${owner}: ${name} cannot be made: ${(error as Error).message}`, { cause: error });
    }
  };
  if (typeof identifier === 'string') {
    if (Object.hasOwn(byName, identifier)) {
      return serializeObject(
        owner,
        name,
        kind,
        attempt(() => byName[identifier]({})),
      );
    }
    if (!classOf(kind, identifier)) throw new UnknownNameError(`${owner}: ${name}`, identifier, Object.keys(byName));
    return serializeObject(owner, name, kind, { className: identifier, config: {} });
  }
  if (typeof identifier !== 'object' || identifier === null) {
    throw new Error(
      `${owner}: ${name} was ${formatValue(identifier)}; it must be the name of ${kind}s of Keras, such an object, or ` +
        'its serialised form, { className, config }',
    );
  }
  if (identifier instanceof tf.serialization.Serializable) {
    const serialized = { className: identifier.getClassName(), config: identifier.getConfig() };
    if (classOf(kind, serialized.className)) return checkNumbers(owner, name, kind, serialized, serialized.config);
    const must = `it must be a ${kind} whose class is registered with tf.serialization`;
    throw new Error(`${owner}: ${name} was ${formatValue(identifier)}; ${must}`);
  }
  if (!isSerialized(identifier) || !classOf(kind, identifier.className)) {
    const was =
      'className' in identifier ? `className was ${formatValue(identifier.className)}` : 'className was missing';
    const must = `it must be the class of ${kind}s of Keras, or one registered with tf.serialization, beside its config`;
    throw new Error(`${owner}: ${name}: ${was}; ${must}`);
  }
  checkOptions(`${owner}: ${name}`, identifier, ['className', 'config', 'registeredName']);
  const known = attempt(() => makeObject<tf.serialization.Serializable>(kind, identifier).getConfig());
  const unknown = Object.keys(identifier.config).find((field) => !Object.hasOwn(known, field));
  if (unknown !== undefined) {
    throw new UnknownNameError(`${owner}: an argument of ${name}`, unknown, Object.keys(known));
  }
  return checkNumbers(owner, name, kind, { className: identifier.className, config: identifier.config }, known);
}

const finite = number(() => true, 'a finite number');
const ranges: Readonly<Record<string, Rule>> = {
  ...{ stddev: atLeastZero, maxValue: atLeastZero, minValue: atLeastZero, axis: integer(), seed: integer() },
  rate: number((value) => value >= 0 && value <= 1, 'from 0 to 1'),
};

/** tfjs takes any value for a number, which would make NaN of weights or of the loss. */
function checkNumbers(
  owner: string,
  name: string,
  kind: ObjectKind,
  serialized: SerializedObject,
  known: tf.serialization.ConfigDict,
): SerializedObject {
  const [constructor] = classOf(kind, serialized.className)!;
  // A user's own class checks its own.
  if (!Object.prototype.isPrototypeOf.call(kinds[kind].base, constructor.prototype as object)) return serialized;
  for (const [field, value] of Object.entries(known)) {
    if (value === null || value === undefined || Array.isArray(value)) continue;
    if (typeof value === 'number') check(owner, `${field} of ${name}`, value, ranges[field] ?? finite);
    else if (kind !== 'initializer') check(owner, `${field} of ${name}`, value, finite);
  }
  const { minValue, maxValue } = known as { minValue?: number; maxValue?: number };
  if (minValue !== undefined && maxValue !== undefined) {
    check(
      owner,
      `minValue of ${name}`,
      minValue,
      number((value) => value <= maxValue, `up to maxValue, ${maxValue}`),
    );
  }
  return serialized;
}
