// All layers and models that the package exports, made without knowing them: errors say what their arguments must be.

import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel } from '@tensorflow/tfjs-layers';
import * as pa from '../../src/index.js';

export type LayerClass = { new (args: object): layers.Layer; className: string };
export type Arguments = Record<string, unknown>;
type ModelFunction = (config: object) => LayersModel;

const exported = Object.entries(pa as unknown as Record<string, unknown>);

/** Every exported layer, by name. */
export const layerClasses = exported.filter(
  ([, value]) => typeof value === 'function' && value.prototype instanceof layers.Layer,
) as [string, LayerClass][];

/** Every exported function that makes a model: it has presets beside it. */
export const modelFunctions = exported.filter(([name]) => `${name}Presets` in pa) as [string, ModelFunction][];

/** The message of what a call throws; undefined if it does not. */
export function messageOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The least arguments that a layer or model takes: what an error misses is given. */
export function leastArguments(make: (args: Arguments) => unknown): Arguments {
  const args: Arguments = {};
  for (;;) {
    const message = messageOf(() => make(args));
    if (message === undefined) return args;
    const missing = /: (\w+) was undefined; it must be (.*)/.exec(message);
    if (!missing) throw new Error(`cannot make it: ${message}`);
    args[missing[1]] = missing[2].startsWith('an integer') ? 4 : 0.25;
  }
}

/** Values that an argument may have: words that an error offers, and some of each type. */
export function candidates(make: (value: unknown) => unknown): unknown[] {
  const offered = [...(messageOf(() => make('no such word'))?.matchAll(/'(\w+)'/g) ?? [])].map(([, word]) => word);
  const objects = ['l2', 'nonNeg', 'heNormal', { scale: 0.5 }, { className: 'Constant', config: { value: 3 } }];
  return [
    true,
    false,
    1,
    3,
    4,
    0.25,
    0.5,
    ...offered.filter((word) => word !== 'no such word'),
    ...objects,
    [1],
    [null, 1],
  ];
}

/** An input, or a list of them, that a layer takes. */
export function validInput(make: () => layers.Layer): tf.Tensor | tf.Tensor[] {
  const shapes = [[[2, 4, 4]], [[2, 4, 4, 1]], [[2, 4]], [[4, 4]], [[2, 4, 4], [2, 4, 4]]]; // prettier-ignore
  for (const all of shapes) {
    const inputs = all.map((shape) => tf.ones(shape));
    const given = inputs.length === 1 ? inputs[0] : inputs;
    if (messageOf(() => make().apply(given)) === undefined) return given;
  }
  throw new Error('no input is valid');
}
