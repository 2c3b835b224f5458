import type { LayersModel, layers } from '@tensorflow/tfjs-layers';
import { mixSeed } from '../random.js';
import type { Reseedable } from './seedStream.js';

const isReseedable = (layer: layers.Layer): layer is layers.Layer & Reseedable => 'reseed' in layer;

/**
 * Starts the random streams (dropout) of all layers of a model again, each from a seed of its own.
 *
 * @param model the model
 * @param seed any integer; the same seed gives the same masks in the same order
 */
export function reseed(model: LayersModel, seed: number): void {
  model.layers.filter(isReseedable).forEach((layer, index) => layer.reseed(mixSeed(seed, index)));
}
