// The arithmetic of each kind of layer.

import type { layers } from '@tensorflow/tfjs-layers';
import { FusedDense } from '../layers/fusedDense.js';
import { type LayerAttentionOptions, MultiHeadAttention } from '../layers/multiHeadAttention.js';
import { TransformerEncoderLayer } from '../layers/transformerEncoderLayer.js';
import { pooledCount } from '../ops/poolPositions.js';
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
  useCausalMask: boolean;
  /** Leading positions that remain keys of their own where others are averaged. */
  unpooled: number;
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
  const config = layer.getConfig() as unknown as HeadsConfig;
  const { numHeads, keyDim, valueDim, attention, useCausalMask, unpooled } = config;
  const hasLengths = inputs.at(-1)!.length === 2;
  const [query, value = query, key = value] = hasLengths ? inputs.slice(0, -1) : inputs;
  const [batch, queries] = query;
  const keyLengths = (hasLengths && lengths) || new Array<number>(batch).fill(key[1]);
  const { headScales = new Array<number>(numHeads).fill(1), causal = useCausalMask } = attention;
  const form = { ...attention, headScales: undefined, causal };
  let first = product(batch * queries, query[2], numHeads * keyDim);
  const attended = { ...noAttention };
  for (const scale of new Set(headScales)) {
    const heads = headScales.filter((other) => other === scale).length;
    const averaged = (length: number) => pooledCount(length, scale, unpooled);
    const keys = batch * averaged(key[1]);
    first += heads * (product(keys, key[2], keyDim) + product(keys, value[2], valueDim));
    const sizes = { batch, heads, keyHeads: heads, queries, keys: key[1], headWidth: keyDim, valueWidth: valueDim };
    // After unpooled keys, averages have no place among the positions, and are keys like any others.
    const { forward, backward } =
      unpooled > 0
        ? attentionFlops(sizes, { ...form, keyLengths: keyLengths.map(averaged) })
        : attentionFlops(sizes, { ...form, keyLengths, headScales: new Array<number>(heads).fill(scale) });
    attended.forward += forward;
    attended.backward += backward;
  }
  const mixed = product(batch * queries, numHeads * valueDim, output[2]);
  return { products: first + mixed, first, attention: attended };
}

function encoderWork(encoder: TransformerEncoderLayer, call: LayerCall): LayerWork {
  const { intermediateDim } = encoder.getConfig() as { intermediateDim: number };
  const { products, first, attention } = attentionWork(encoder.attention, call);
  const [batch, positions, width] = call.output;
  return { products: products + 2 * product(batch * positions, width, intermediateDim), first, attention };
}

/** Whether a layer has a matrix that it may multiply by; tables that are only looked up are named embeddings. */
const hasMatrix = (layer: layers.Layer) =>
  layer.weights.some(({ shape, originalName }) => shape.length > 1 && !originalName.endsWith('embeddings'));

/**
 * @param layer a built layer
 * @param call what it is called on
 * @throws Error if the layer has a weight matrix, and is not of a known kind
 */
export function layerWork(layer: layers.Layer, call: LayerCall): LayerWork {
  if (layer instanceof FusedDense || layer.getClassName() === 'Dense') return denseWork(call);
  if (layer instanceof MultiHeadAttention) return attentionWork(layer, call);
  if (layer instanceof TransformerEncoderLayer) return encoderWork(layer, call);
  if (!hasMatrix(layer)) return { products: 0, first: 0, attention: noAttention };
  throw new Error(
    `modelFlops: layer '${layer.name}' was a ${layer.getClassName()}; it must be a layer of this package, a dense one ` +
      'or one without a weight matrix',
  );
}
