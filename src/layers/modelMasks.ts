// Which masks belong to the tensors of a running model. tfjs hands a layer the mask of its first input only, and leaves it
// lying for layers behind that have none; but it tells each layer's computeMask, behind apply, those of all its inputs.

import type * as tf from '@tensorflow/tfjs-core';
import type { layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { listOf } from './listOf.js';

/** A tensor's mask, and the options of calls that its run of a model shares. */
interface Known {
  mask: tf.Tensor | null;
  run: object | undefined;
}

type Tensors = tf.Tensor | tf.Tensor[];
type Apply = layers.Layer['apply'];

const known = new WeakMap<tf.Tensor, Known>();
const followed = new WeakSet<layers.Layer>();

/**
 * Has a layer note the masks of its outputs as models run it.
 *
 * @param layer of tfjs's or ours
 */
export function followMasks(layer: layers.Layer): void {
  if (followed.has(layer)) return;
  followed.add(layer);
  const apply: Apply = layer.apply.bind(layer);
  const computeMask: (inputs: Tensors, mask?: Tensors) => Tensors = layer.computeMask.bind(layer);
  let latest: { inputs: unknown; outputs: tf.Tensor[]; run?: { mask?: unknown } } | undefined;
  const note = (masks: Tensors | null) => {
    latest!.outputs.forEach((output, index) => {
      delete (output as { kerasMask?: tf.Tensor }).kerasMask;
      known.set(output, { mask: listOf(masks)[index] ?? null, run: latest!.run });
    });
    delete latest!.run?.mask;
  };
  layer.apply = (inputs: Tensors, options?: { mask?: unknown }) => {
    latest = undefined;
    const outputs = apply(inputs, options);
    latest = { inputs, outputs: listOf(outputs as Tensors), run: options };
    // A model, which gives lists, asks no more where masks end.
    if (!layer.supportsMasking && Array.isArray(inputs)) note(null);
    return outputs;
  };
  layer.computeMask = (inputs, mask) => {
    const masks = computeMask(inputs, mask);
    // The very list that apply had: this is a model, and `mask` its truth.
    if (latest?.inputs === inputs && Array.isArray(inputs)) note(masks);
    latest = undefined;
    return masks;
  };
}

/** Follows the masks of all layers that symbolic tensors come from. */
export function followSources(tensors: readonly SymbolicTensor[]): void {
  const seen = new Set<SymbolicTensor>();
  const rest = [...tensors];
  for (let one = rest.pop(); one !== undefined; one = rest.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    if (one.sourceLayer) followMasks(one.sourceLayer);
    rest.push(...(one.inputs ?? []));
  }
}

/**
 * The masks of a call's inputs, null where there is none.
 *
 * @param inputs of the call
 * @param options of the call: the very object, which says whether a model runs
 */
export function masksOf(
  inputs: readonly tf.Tensor[],
  options: { mask?: tf.Tensor | (tf.Tensor | null)[] } | undefined,
): (tf.Tensor | null)[] {
  const given = options?.mask;
  return inputs.map((input, index) => {
    if (Array.isArray(given)) return given[index] ?? null;
    const entry = known.get(input);
    if (entry && entry.run === options) return entry.mask;
    if (given && index === 0) return given;
    if (entry && !entry.mask?.isDisposed) return entry.mask;
    return (input as { kerasMask?: tf.Tensor | null }).kerasMask ?? null;
  });
}
