import {
  type Initializer,
  type InitializerIdentifier,
  makeObject,
  serializeObject,
  type SerializedObject,
} from './kerasObjects.js';

export type { Initializer, InitializerIdentifier };

/**
 * @param identifier a name, an initializer, or its serialised form
 * @param owner the layer, for errors
 * @param name the argument
 * @returns the serialised form
 * @throws Error if there is no such initializer
 */
export function serializeInitializer(
  identifier: InitializerIdentifier,
  owner = 'initializers',
  name = 'initializer',
): SerializedObject {
  return serializeObject(owner, name, 'initializer', identifier);
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
  return makeObject('initializer', { className, config: { ...config, seed: config.seed ?? seed ?? null } });
}
