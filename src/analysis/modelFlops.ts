import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { checkInteger, checkOptions } from '../checks/values.js';
import { layerWork } from './layerWork.js';

/** The batch whose operations are counted. */
export interface ModelFlopsOptions {
  /** Cases in a batch, B. */
  batch: number;
  /** B numbers of valid positions, for attention that is given lengths; default: no padding. */
  lengths?: readonly number[];
}

/** Floating-point operations of one batch; a multiply-add counts 2. */
export interface ModelFlops {
  forward: number;
  /** Forward and backward; the optimiser is not counted. */
  trainingStep: number;
  /** Of these, the operations between the projections of attention. */
  attention: { forward: number; trainingStep: number };
}

/** Shapes with the batch size filled in; all other sizes must be fixed. */
function shapesOf(layer: layers.Layer, tensors: SymbolicTensor | SymbolicTensor[], batch: number): number[][] {
  return [tensors].flat().map(({ shape: [, ...sizes] }) => {
    if (sizes.every((size) => size !== null)) return [batch, ...sizes];
    const shape = ['B', ...sizes.map((size) => size ?? 'any')].join(', ');
    throw new Error(`modelFlops: layer '${layer.name}' had the shape [${shape}]; all sizes but B must be fixed`);
  });
}

/** A call of a layer that is counted: whether its outputs depend on trained weights, and their shapes. */
interface CountedCall {
  trained: boolean;
  outputs: number[][];
}

/**
 * Floating-point operations of a model on one batch, the same count that the benchmarks show: those of its products and
 * of attention (see attentionFlops). A product of [m, k] and [k, n] has 2 m k n forward, and as many for each gradient;
 * an input without a trained weight before it needs no gradient. Attention-SH averages before it projects keys and
 * values, so these products have ceil(N / r) rows where others have N. Normalisation, activations, averages, look-ups
 * and the optimiser are not counted.
 *
 * @param model made of this package's layers, tfjs's dense layers, and layers without a weight matrix
 * @param options see ModelFlopsOptions
 * @throws Error if a layer has a weight matrix whose arithmetic is not known, a size is not fixed, or an option is
 *   wrong
 */
export function modelFlops(model: LayersModel, options: ModelFlopsOptions): ModelFlops {
  checkOptions('modelFlops', options, ['batch', 'lengths'] satisfies (keyof ModelFlopsOptions)[]);
  const { batch, lengths } = options;
  checkInteger('modelFlops', 'batch', batch, 1, Infinity);
  if (lengths && lengths.length !== batch) {
    throw new Error(`modelFlops: lengths held ${lengths.length} numbers; they must be ${batch}, one for each case`);
  }
  const total: ModelFlops = { forward: 0, trainingStep: 0, attention: { forward: 0, trainingStep: 0 } };
  const found = new Map<string, CountedCall>();
  const count = ({
    sourceLayer: layer,
    nodeIndex,
    tensorIndex,
  }: SymbolicTensor): { trained: boolean; shape: number[] } => {
    const call = `${layer.id} ${nodeIndex}`;
    if (!found.has(call)) found.set(call, countCall(layer, nodeIndex));
    const { trained, outputs } = found.get(call)!;
    return { trained, shape: outputs[tensorIndex] };
  };
  const countCall = (layer: layers.Layer, nodeIndex: number): CountedCall => {
    const sources = [layer.getInputAt(nodeIndex)].flat();
    const [given, symbolic] = [sources, layer.getOutputAt(nodeIndex)].map((tensors) => shapesOf(layer, tensors, batch));
    if (layer.getClassName() === 'InputLayer') return { trained: false, outputs: given };
    const before = sources.map(count);
    const inputs = before.map(({ shape }) => shape);
    // A layer may make several samples of a case, such as one of each channel.
    const samples = [layer.computeOutputShape(inputs.length === 1 ? inputs[0] : inputs)].flat()[0] as number;
    const outputs = symbolic.map(([, ...sizes]) => [samples, ...sizes]);
    const inputTrained = before.some(({ trained }) => trained);
    const ownTrained = layer.trainableWeights.length > 0;
    const trained = inputTrained || ownTrained;
    const { products, first, attention } = layerWork(layer, { inputs, output: outputs[0], lengths });
    const forward = products + attention.forward;
    const backward = (ownTrained ? products : 0) + (inputTrained ? products : products - first) + attention.backward;
    total.forward += forward;
    total.trainingStep += forward + (trained ? backward : 0);
    total.attention.forward += attention.forward;
    total.attention.trainingStep += attention.forward + (trained ? attention.backward : 0);
    return { trained, outputs };
  };
  model.outputs.forEach(count);
  return total;
}
