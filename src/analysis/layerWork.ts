// The arithmetic of each kind of layer.

import type { layers } from '@tensorflow/tfjs-layers';
import { FusedDense } from '../layers/fusedDense.js';
import { type LayerAttentionOptions, MultiHeadAttention } from '../layers/multiHeadAttention.js';
import { PositionEmbedding } from '../layers/positionEmbedding.js';
import { TransformerEncoderLayer } from '../layers/transformerEncoderLayer.js';
import { type AttentionFlops, attentionFlops } from './attentionFlops.js';

/** Operations of a layer's products, each counted once, and of its attention. */
export interface LayerWork {
  /** Of all products with weights. */
  products: number;
  /** Of those that read the layer's input, whose gradient may not be needed. */
  first: number;
  attention: AttentionFlops;
}

/** Shapes of a layer's inputs and output, and the valid positions of each case where there is padding. */
export interface LayerCall {
  inputs: number[][];
  output: number[];
  lengths?: readonly number[];
}

/** What a layer's configuration says about its heads. */
interface HeadsConfig {
  numHeads: number;
  keyDim: number;
  valueDim: number;
  attention: LayerAttentionOptions;
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Of [rows, inner] and [inner, units]. A multiply-add counts 2. */
const product = (rows: number, inner: number, units: number) => 2 * rows * inner * units;

const noAttention = { forward: 0, backward: 0 };

/** x W over the last axis. */
function denseWork({ inputs: [x], output }: LayerCall): LayerWork {
  const products = product(sizeOf(output.slice(0, -1)), x.at(-1)!, output.at(-1)!);
  return { products, first: products, attention: noAttention };
}

function attentionWork(layer: layers.Layer, { inputs, output, lengths }: LayerCall): LayerWork {
  const { numHeads, keyDim, valueDim, attention } = layer.getConfig() as unknown as HeadsConfig;
  const hasLengths = inputs.at(-1)!.length === 2;
  const [query, value = query, key = value] = hasLengths ? inputs.slice(0, -1) : inputs;
  const [batch, queries] = query;
  const [, keys] = key;
  const { headScales = new Array<number>(numHeads).fill(1) } = attention;
  const averaged = batch * headScales.reduce((sum, scale) => sum + Math.ceil(keys / scale), 0);
  const first =
    product(batch * queries, query[2], numHeads * keyDim) +
    product(averaged, key[2], keyDim) +
    product(averaged, value[2], valueDim);
  const mixed = product(batch * queries, numHeads * valueDim, output[2]);
  const sizes = { batch, heads: numHeads, keyHeads: numHeads, queries, keys, depth: keyDim, valueDepth: valueDim };
  const keyLengths = hasLengths ? lengths : undefined;
  return { products: first + mixed, first, attention: attentionFlops(sizes, { ...attention, keyLengths }) };
}

function encoderWork(encoder: TransformerEncoderLayer, call: LayerCall): LayerWork {
  const { intermediateDim } = encoder.getConfig() as { intermediateDim: number };
  const { products, first, attention } = attentionWork(encoder.attention, call);
  const [batch, positions, width] = call.output;
  return { products: products + 2 * product(batch * positions, width, intermediateDim), first, attention };
}

/** Whether a layer has a matrix, which it may multiply with. */
const hasMatrix = (layer: layers.Layer) => layer.weights.some(({ shape }) => shape.length > 1);

/**
 * @param layer a built layer
 * @param call what it is called on
 * @throws Error if the layer has a weight matrix, and is not of a known kind
 */
export function layerWork(layer: layers.Layer, call: LayerCall): LayerWork {
  if (layer instanceof FusedDense || layer.getClassName() === 'Dense') return denseWork(call);
  if (layer instanceof MultiHeadAttention) return attentionWork(layer, call);
  if (layer instanceof TransformerEncoderLayer) return encoderWork(layer, call);
  const looksUp = layer instanceof PositionEmbedding || layer.getClassName() === 'Embedding';
  if (!looksUp && hasMatrix(layer)) {
    throw new Error(
      `modelFlops: layer '${layer.name}' was a ${layer.getClassName()}; it must be a layer of this package, a dense ` +
        'one or one without a weight matrix',
    );
  }
  return { products: 0, first: 0, attention: noAttention };
}
