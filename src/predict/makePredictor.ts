import type { ModelMetadata } from '../data/modelMetadata.js';
import { Constants } from './constants.js';
import { ByteDots } from './generated/bindings.js';
import type { CaseWriter } from './inputs/caseWriter.js';
import { imageWriter } from './inputs/images.js';
import { seriesWriter } from './inputs/series.js';
import { tokenWriter } from './inputs/tokens.js';
import { type Graph, readGraph, readWeightSpecs } from './modelJson.js';
import { needsPadding } from './needsPadding.js';
import { outputReader } from './outputs.js';
import { Plan, shapeOf } from './plan.js';
import { type PlanKernels, planTasks } from './planKernels.js';
import { PlanMemory } from './planMemory.js';
import { Predictor } from './predictor.js';
import type { CaseKind, Precision, PredictorInfo } from './types.js';
import { POOL_BYTES, Pool } from '../runtime/pool.js';
import type { Threads } from '../runtime/thread.js';
import { Weights } from './weights.js';

/** What setMetadata keeps of a model; one without is a classifier that is given cases as they are. */
type Metadata = Partial<ModelMetadata>;

/** How a predictor is to be made. */
export interface PredictorSettings {
  /** The kernels' name. */
  build: PredictorInfo['build'];
  /** See PredictorOptions. */
  batchSize: number;
  precision: Precision;
  threads: number;
  platform: Threads;
}

/** The instructions by the numbers of ByteDots. */
export const byteProducts = {
  [ByteDots.PAIRS]: 'i32x4.dot_i16x8_s',
  [ByteDots.HALVES]: 'i16x8.relaxed_dot_i8x16_i7x16_s',
  [ByteDots.DIRECT]: 'i32x4.relaxed_dot_i8x16_i7x16_add_s',
} as const;

/** A saved model, read. */
export interface SavedModel {
  /** model.json, parsed. */
  model: unknown;
  /** Of all weight files, one after the other. */
  weights: ArrayBuffer;
}

function kindOf(shape: readonly number[], tokens: boolean): CaseKind {
  if (tokens) return 'tokens';
  if (shape.length === 2) return 'series';
  if (shape.length === 3) return 'images';
  throw new Error(
    `loadPredictor: the model's input was [any, ${shape.join(', ')}]; it must be series [any, positions, channels], ` +
      'images [any, height, width, channels] or tokens',
  );
}

/** Numbers of cases that have plans: from the largest to 1, each about half of the one before. */
function planBatches(batchSize: number): number[] {
  return batchSize === 1 ? [1] : [batchSize, ...planBatches(Math.ceil(batchSize / 2))];
}

/** Lengths that have plans, at most: on the average a sixteenth of the model's positions is computed for nothing. */
const LENGTHS = 8;

/** Numbers of positions that have plans, from the model's own down: one, if padding has a part in what it says. */
function planLengths(graph: Graph, [positions]: readonly number[]): number[] {
  if (needsPadding(graph)) return [positions];
  const lengths = Array.from({ length: LENGTHS }, (_, step) => Math.ceil((positions * (LENGTHS - step)) / LENGTHS));
  return [...new Set(lengths)];
}

/** What a saved model has kept of its training; nothing where it is another's. */
export function keptMetadata(model: unknown): Metadata {
  const { userDefinedMetadata } = model as { userDefinedMetadata?: { primalAttention?: Metadata } };
  return userDefinedMetadata?.primalAttention ?? {};
}

/**
 * @param module the kernels
 * @throws Error that names what of the model cannot be predicted with
 */
export async function makePredictor(
  { model, weights }: SavedModel,
  module: WebAssembly.Module,
  { build, batchSize, precision, threads, platform }: PredictorSettings,
): Promise<Predictor<never>> {
  const graph = readGraph(model);
  const metadata = keptMetadata(model);
  const { task = 'classification', statistics = null, vocabulary, reading } = metadata;
  const resampled = reading?.resample !== undefined;
  const shape = shapeOf(graph, task === 'classification');
  const memory = new PlanMemory(threads > 1);
  const kernels = new WebAssembly.Instance(module, { env: { memory: memory.memory } }).exports as PlanKernels;
  const constants = new Constants(kernels, memory, new Weights(readWeightSpecs(model).specs, weights));
  const byLength = planLengths(graph, shape.input).map((positions) =>
    planBatches(batchSize).map(
      (batch) => new Plan(graph, shape, kernels, memory, constants, { precision, threads }, batch, positions),
    ),
  );
  const plans = byLength.flat();
  // Only one of them runs at a time.
  const base = memory.reserve(0, 64);
  memory.reserve(Math.max(...plans.map((plan) => plan.place(base))) - base, 64);
  const control = memory.reserve(POOL_BYTES, 64);

  const [{ output, batch: most, restoration }] = plans;
  const reader = outputReader(task, { count: output.size / most, input: shape.input, restoration }, metadata);
  const kind = metadata.kind ?? kindOf(shape.input, shape.tokens);
  const writers: Record<CaseKind, () => CaseWriter> = {
    series: () =>
      seriesWriter(shape.input, { statistics, padded: shape.hasLengths || task === 'classification', resampled }),
    images: () => imageWriter(shape.input, statistics),
    tokens: () => tokenWriter(shape.input, tokenCount(constants.weights, graph), vocabulary),
  };
  const info: PredictorInfo = {
    ...{ task, kind, inputShape: shape.input, resampled, ...reader.facts },
    ...{ precision, products: precision === 'int8' ? byteProducts[constants.byteDots] : 'float32' },
    ...{ build, threads, bytes: memory.size },
  };
  const writer = writers[kind]();
  const heap = { memory: memory.memory, malloc: () => control, free: () => undefined, live: false };
  const owner = { heap, platform, remedy: 'loadPredictor starts new ones' };
  const pool = threads > 1 ? await Pool.start(owner, module, planTasks, threads) : undefined;
  return new Predictor<never>({ memory, plans: byLength.reverse(), writer, reader, pool }, info);
}

/** Tokens that the model's embedding has. */
function tokenCount(weights: Weights, { layers }: ReturnType<typeof readGraph>): number {
  const embedding = [...layers.values()].find(({ className }) => className === 'TokenEmbedding')!;
  return weights.shape(`${embedding.name}/embeddings`)[0];
}
