import * as tf from '@tensorflow/tfjs-core';
import { initializers } from '@tensorflow/tfjs-layers';

/** An object that makes a weight's initial value, as tfjs's `initializers` do. */
export type Initializer = ReturnType<typeof initializers.ones>;

/** An initializer as JSON can hold it. */
export type SerializedInitializer = { className: string; config: tf.serialization.ConfigDict };

/** A name such as `'glorotUniform'`, an initializer, or one in serialised form. */
export type InitializerIdentifier = string | Initializer | SerializedInitializer;

const byName = initializers as unknown as Record<string, (args: object) => Initializer>;

/**
 * @param identifier a name, an initializer, or its serialised form
 * @returns the serialised form
 * @throws Error if no initializer has the name
 */
export function serializeInitializer(identifier: InitializerIdentifier): SerializedInitializer {
  if (typeof identifier === 'string') {
    if (!(identifier in byName)) {
      const choices = Object.keys(byName).join(', ');
      throw new Error(`initializer was '${identifier}'; it must be one of ${choices}`);
    }
    return serializeInitializer(byName[identifier]({}));
  }
  if (!('apply' in identifier)) return identifier;
  return { className: identifier.getClassName(), config: identifier.getConfig() };
}

/**
 * Resolves an initializer (tfjs-layers does not export its own resolver).
 *
 * @param identifier a name, an initializer, or its serialised form
 * @param seed makes a random initializer without a seed of its own reproducible
 * @throws Error if it is not known
 */
export function getInitializer(identifier: InitializerIdentifier, seed?: number): Initializer {
  const { className, config } = serializeInitializer(identifier);
  const registered = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (!registered) {
    throw new Error(`initializer: className was '${className}'; it must be a class registered with tf.serialization`);
  }
  const [constructor, fromConfig] = registered;
  return fromConfig(constructor, { ...config, seed: config.seed ?? seed ?? null }) as Initializer;
}
