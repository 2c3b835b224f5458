import { input, type layers, type LayersModel, model, models, type SymbolicTensor } from '@tensorflow/tfjs-layers';

/** A model that is `layer` on series of `shape` and their lengths, and what comes back from its JSON. */
export async function modelAndCopy(
  layer: layers.Layer,
  shape: [length: number, channels: number],
): Promise<[original: LayersModel, copy: LayersModel]> {
  const inputs = [input({ shape, name: 'series' }), input({ shape: [1], name: 'lengths' })];
  const original = model({ inputs, outputs: layer.apply(inputs) as SymbolicTensor });
  return [original, await models.modelFromJSON(original.toJSON(null, false) as never)];
}
