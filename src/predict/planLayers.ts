// Each layer that a model may hold, as steps of a plan. What is more than one step is described once for tensors and plans:
// encoderBlock, planProjections and projectSources (src/layers), headsRuns (src/ops).

import { aboveZero, boolean, oneOf } from '../checks/rules.js';
import { check, checkInteger } from '../checks/values.js';
import { type ActivationName, activations } from '../kernels/productProblem.js';
import { encoderBlock } from '../layers/encoderBlock.js';
import { planCall, planProjections, projectSources } from '../layers/headProjections.js';
import { normalizationEpsilons } from '../layers/normalizationEpsilons.js';
import { patchPositions } from '../layers/patchIndices.js';
import { sinusoids } from '../layers/sinusoids.js';
import type { AttentionOptions } from '../ops/attentionOptions.js';
import type { Lengths } from './lengths.js';
import type { LayerSpec } from './modelJson.js';
import { Place } from './place.js';
import type { NormalizationKind, PlanOps } from './planOps.js';

/** What goes from layer to layer: numbers, or the lengths of sequences. */
export type Value = Place | Lengths;

/** A layer as it stands in a model, and a part of one. */
interface Part<Config> {
  /** Its own in the names of its weights. */
  path: string;
  config: Config;
}

type PlanLayer = (ops: PlanOps, layer: Part<never>, x: Place, others: readonly Value[]) => Place;

/** The lengths that come with a sequence [B, N, C]; without, all of it is valid. */
function lengthsOf(ops: PlanOps, x: Place, others: readonly Value[]): Lengths {
  const given = others.at(-1);
  return given === undefined || given instanceof Place ? ops.fullLengths(x.shape[1], x.shape[0]) : given;
}

interface AttentionConfig {
  numHeads: number;
  keyDim: number;
  valueDim: number;
  attention: AttentionOptions;
  unpooled: number;
  useBias?: boolean;
  useCausalMask?: boolean;
  returnAttentionScores?: boolean;
  trainableBeta?: boolean;
}

function attend(ops: PlanOps, { path, config }: Part<AttentionConfig>, query: Place, others: readonly Value[]): Place {
  const { numHeads, keyDim, valueDim, attention, unpooled, useBias } = config;
  const { useCausalMask, returnAttentionScores, trainableBeta } = config;
  if (returnAttentionScores) {
    throw new Error(`loadPredictor: layer '${path}' had returnAttentionScores; it must be without, to predict`);
  }
  const [value = query, key = value] = others.filter((one) => one instanceof Place);
  const lengths = lengthsOf(ops, key, others);
  const { headScales = new Array<number>(numHeads).fill(1), ...options } = attention;
  const widths = { query: keyDim, key: keyDim, value: valueDim };
  const stored = planProjections({
    ...{ headScales, widths },
    selfAttention: value === query && key === query,
    sharedKeys: key === value,
  });
  const plan = planCall(stored, widths, { query, key, value });
  const projected = projectSources<Place>(
    plan.pieces,
    { query, key, value },
    (source, scale) => ops.pool(source, scale, lengths, unpooled),
    ({ projection, columns }, x) => {
      const name = `${path}/${projection.name}`;
      ops.constants.weights.shape(`${name}/kernel`, [null, columns]);
      return ops.linear(x, name, { useBias });
    },
  );
  const layout = { headWidth: keyDim, valueWidth: valueDim, positions: key.shape[1], unpooled, groups: plan.groups };
  const causal = (useCausalMask ?? false) || options.causal;
  const beta = trainableBeta ? ops.constants.number(`${path}/beta`) : undefined;
  const attended = ops.attention(projected, layout, { ...options, causal }, lengths, beta);
  return ops.linear(attended, `${path}/attention_output`, { depth: numHeads * valueDim, useBias });
}

interface EncoderConfig {
  numHeads: number;
  activation?: ActivationName;
  normalization: NormalizationKind;
  epsilon?: number | null;
  normFirst: boolean;
  useCausalMask?: boolean;
  attention: AttentionOptions;
  unpooled: number;
}

function encode(ops: PlanOps, { path, config }: Part<EncoderConfig>, x: Place, others: readonly Value[]): Place {
  const { numHeads, activation = 'gelu', normalization, normFirst, ...settings } = config;
  const epsilon = config.epsilon ?? undefined;
  const label = `loadPredictor: layer '${path}'`;
  check(label, 'normalization', normalization, oneOf(Object.keys(normalizationEpsilons)));
  check(label, 'activation', activation, oneOf(Object.keys(activations)));
  check(label, 'normFirst', normFirst, boolean);
  if (epsilon !== undefined) check(label, 'epsilon', epsilon, aboveZero);
  if (config.unpooled !== undefined) checkInteger(label, 'unpooled', config.unpooled, 0, Infinity);
  const keyDim = x.shape[2] / numHeads;
  if (!Number.isInteger(keyDim) || keyDim < 1) {
    throw new Error(`loadPredictor: layer '${path}' had ${numHeads} heads; they must divide its width, ${x.shape[2]}`);
  }
  const own = { path: `${path}/attention`, config: { ...settings, numHeads, keyDim, valueDim: keyDim } };
  return encoderBlock<Place>(x, normFirst, {
    attend: (y) => attend(ops, own, y, others),
    feed: (y) => ops.linear(ops.linear(y, `${path}/intermediate`, { activation }), `${path}/output`),
    add: (y, branch) => ops.add(y, branch),
    normalizeAttention: (y) => ops.normalize(normalization, y, `${path}/attention_norm`, epsilon),
    normalizeFeedForward: (y) => ops.normalize(normalization, y, `${path}/feed_forward_norm`, epsilon),
  });
}

/** Where each piece of P C numbers, one patch after the other, lies in the images; see ImagePatches. */
function pieces(batch: number, height: number, width: number, size: number): number[] {
  const columns = width / size;
  return Array.from({ length: batch * height * columns }, (_, piece) => {
    const [row, patch] = [piece % size, Math.floor(piece / size)];
    const [column, above] = [patch % columns, Math.floor(patch / columns)];
    // All images, one below the other.
    return (above * size + row) * columns + column;
  });
}

interface PatchConfig {
  patchLength: number;
  stride: number;
  channelIndependent: boolean;
}

const normalization =
  (kind: NormalizationKind) =>
  (ops: PlanOps, { path, config }: Part<{ epsilon: number }>, x: Place) =>
    ops.normalize(kind, x, path, config.epsilon);

const same = (_: PlanOps, __: unknown, x: Place) => x;

/** By the class names that model.json has. */
export const planLayers = {
  FusedDense: (ops: PlanOps, { path, config }: Part<{ activation: ActivationName; useBias?: boolean }>, x: Place) =>
    ops.linear(x, path, config),
  GeluActivation: (ops: PlanOps, _: unknown, x: Place) => ops.gelu(x),
  SeededDropout: same,
  Dropout: same,
  Flatten: (ops: PlanOps, _: unknown, x: Place) => ops.flatten(x),
  PositionEmbedding: (ops: PlanOps, { path, config }: Part<{ scale: number }>, x: Place) =>
    ops.addPositions(
      x,
      ops.constants.weight(`${path}/embeddings`, [x.shape[1] + ops.missing, x.shape[2]]),
      config.scale,
    ),
  SinePositionEncoding: (ops: PlanOps, { path, config }: Part<{ scale: number; maxWavelength: number }>, x: Place) => {
    const [, positions, channels] = x.shape;
    const length = positions + ops.missing;
    const waves = () => sinusoids(length, channels, config.maxWavelength);
    return ops.addPositions(x, ops.constants.array(path, [length, channels], waves), config.scale);
  },
  TokenEmbedding: (ops: PlanOps, { path, config }: Part<{ maskZero: boolean }>, x: Place) => {
    if (config.maskZero) {
      throw new Error(`loadPredictor: layer '${path}' had maskZero; it must be without: padding is known by lengths`);
    }
    return ops.gather(ops.constants.weight(`${path}/embeddings`, [null, null]), x);
  },
  ImagePatches: (ops: PlanOps, { config }: Part<{ patchSize: number }>, x: Place) => {
    const { patchSize: size } = config;
    const [batch, height, width, channels] = x.shape;
    const indices = ops.recorder.table(pieces(batch, height, width, size));
    const piece = size * channels;
    const shape = [batch, (height / size) * (width / size), size * piece];
    return ops.gather(x.reshaped([x.size / piece, piece]), indices).reshaped(shape);
  },
  InstanceNormalization: (ops: PlanOps, { config }: Part<{ epsilon: number }>, x: Place) =>
    ops.normalizeChannels(x, config.epsilon),
  SeriesPatches: (ops: PlanOps, { config }: Part<PatchConfig>, x: Place) => {
    const { patchLength, stride, channelIndependent } = config;
    const [batch, positions, channels] = x.shape;
    const seen = patchPositions({ positions, patchLength, stride });
    const patches = seen.length / patchLength;
    const samples = Array.from({ length: batch }, (_, b) => b);
    const all = Array.from({ length: channels }, (_, c) => c);
    const at = (b: number, t: number, c: number) => (b * positions + t) * channels + c;
    const indices = channelIndependent
      ? samples.flatMap((b) => all.flatMap((c) => seen.map((t) => at(b, t, c))))
      : samples.flatMap((b) => seen.flatMap((t) => all.map((c) => at(b, t, c))));
    const rows = channelIndependent ? batch * channels : batch;
    return ops.select(x, indices, [rows, patches, indices.length / rows / patches]);
  },
  JoinChannels: (ops: PlanOps, { config: { channels } }: Part<{ channels: number }>, x: Place) => {
    const [rows, positions] = x.shape;
    const indices = Array.from({ length: x.size }, (_, i) => {
      const [c, t, b] = [i % channels, Math.floor(i / channels) % positions, Math.floor(i / channels / positions)];
      return (b * channels + c) * positions + t;
    });
    return ops.select(x, indices, [rows / channels, positions, channels]);
  },
  Reshape: (_: PlanOps, { config: { targetShape } }: Part<{ targetShape: number[] }>, x: Place) =>
    x.reshaped([x.shape[0], ...targetShape]),
  ClassToken: (ops: PlanOps, { path }: Part<object>, x: Place) => {
    const token = ops.constants.weight(`${path}/token`);
    return ops.prepend(token.reshaped([1, token.size]), x);
  },
  FirstPosition: (ops: PlanOps, _: unknown, x: Place) => ops.first(x),
  AveragePositions: (ops: PlanOps, _: unknown, x: Place, others: readonly Value[]) =>
    ops.average(x, lengthsOf(ops, x, others)),
  GlobalAveragePooling1D: (ops: PlanOps, _: unknown, x: Place) =>
    ops.average(x, ops.fullLengths(x.shape[1], x.shape[0])),
  MaskPadding: (ops: PlanOps, _: unknown, x: Place, others: readonly Value[]) =>
    ops.maskPositions(x, lengthsOf(ops, x, others)),
  SequenceBatchNormalization: normalization('batch'),
  SequenceLayerNormalization: normalization('layer'),
  SequenceRmsNormalization: normalization('rms'),
  MultiHeadAttention: attend,
  TransformerEncoderLayer: encode,
} satisfies Record<string, PlanLayer>;

/** Adds the steps of a layer, which `planLayers` knows, to a plan. */
export function addLayer(ops: PlanOps, { name, className, config }: LayerSpec, inputs: readonly Value[]): Place {
  const [x, ...others] = inputs;
  if (!(x instanceof Place)) {
    throw new Error(`loadPredictor: layer '${name}' was given lengths alone; it must be given numbers first`);
  }
  const layer = planLayers[className as keyof typeof planLayers] as PlanLayer;
  return layer(ops, { path: name, config: config as never }, x, others);
}
