import type { Constants } from './constants.js';
import { Lengths } from './lengths.js';
import type { Graph, Reference } from './modelJson.js';
import { Place } from './place.js';
import { addLayer, planLayers, type Value } from './planLayers.js';
import type { PlanKernels } from './planKernels.js';
import type { PlanMemory } from './planMemory.js';
import { PlanOps } from './planOps.js';
import type { Pool } from '../runtime/pool.js';
import { Recorder } from './recorder.js';
import type { PredictorOptions } from './types.js';

/** Of a model's graph: what a case looks like. */
export interface ModelShape {
  /** Of the input, without the batch. */
  input: number[];
  /** A second input, [B, 1], says how many positions of a case are valid. */
  hasLengths: boolean;
  /** Whether the input holds tokens. */
  tokens: boolean;
}

/** What plans are made for. */
export type PlanSettings = Required<Pick<PredictorOptions, 'precision' | 'threads'>>;

/** The last layer of a classifier, and of a forecaster that gives level and spread back; a plan ends before them. */
const SOFTMAX = 'Softmax';
const RESTORATION = 'InstanceRestoration';

/**
 * Checks that a plan can be made of a graph.
 *
 * @param ofClasses whether its output must be probabilities of classes
 * @throws Error that names the layer which it does not know, or says what is wrong with inputs or outputs
 */
export function shapeOf({ layers, inputs, outputs }: Graph, ofClasses: boolean): ModelShape {
  for (const { name, className } of layers.values()) {
    if (className === 'InputLayer' || className === SOFTMAX || className === RESTORATION || className in planLayers)
      continue;
    const known = Object.keys(planLayers).join(', ');
    throw new Error(
      `loadPredictor: layer '${name}' was a ${className}, which is not known; it must be one of ${known}`,
    );
  }
  const [output] = outputs;
  if (outputs.length !== 1 || (ofClasses && layers.get(output[0])?.className !== SOFTMAX)) {
    const found = outputs.map(([name]) => `'${name}', a ${layers.get(name)?.className}`).join(' and ');
    throw new Error(
      `loadPredictor: the model's output was ${found}; it must be one ${ofClasses ? 'Softmax of classes' : 'of numbers'}`,
    );
  }
  const shapes = inputs.map(([name]) => layers.get(name)?.config.batchInputShape as (number | null)[] | undefined);
  const [input, lengths] = shapes;
  const hasLengths = lengths?.length === 2 && lengths[1] === 1;
  if (!input || shapes.length > 2 || (shapes.length === 2 && !hasLengths) || input.includes(null, 1)) {
    const found = shapes.map((shape) => `[${shape?.map((size) => size ?? 'any').join(', ')}]`).join(' and ');
    throw new Error(
      `loadPredictor: the model's inputs were ${found}; they must be one of fixed sizes, and perhaps lengths [any, 1]`,
    );
  }
  const consumers = [...layers.values()].filter(({ calls }) => calls.flat().some(([name]) => name === inputs[0][0]));
  return {
    input: input.slice(1) as number[],
    hasLengths,
    tokens: consumers.some(({ className }) => className === 'TokenEmbedding'),
  };
}

/** The kernels that give a number of cases their outputs, on fixed addresses. */
export class Plan {
  readonly input: Place;
  readonly lengths: Lengths;
  /** Of a classifier before the softmax: [batch, ...]. */
  readonly output: Place;
  /** Of a forecaster whose output gets the level and the spread of the case back. */
  readonly restoration: { epsilon: number } | undefined;
  readonly recorder: Recorder;

  constructor(
    { layers, inputs, outputs }: Graph,
    shape: ModelShape,
    kernels: PlanKernels,
    memory: PlanMemory,
    constants: Constants,
    { precision, threads }: PlanSettings,
    readonly batch: number,
    /** Positions that a case may have, the model's or fewer. */
    readonly positions: number,
  ) {
    this.recorder = new Recorder(kernels, memory, threads);
    const [all, ...others] = shape.input;
    const ops = new PlanOps(this.recorder, constants, batch, precision, all - positions);
    this.input = this.recorder.place([batch, positions, ...others], shape.tokens ? 'int32' : 'float32');
    this.recorder.use(this.input, -1);
    this.lengths = new Lengths(this.recorder, batch, positions);
    const values = new Map<string, Value>([[inputs[0].join(), this.input]]);
    if (shape.hasLengths) values.set(inputs[1].join(), this.lengths);
    const valueOf = (reference: Reference): Value => {
      const [name, call] = reference;
      const key = [name, call, 0].join();
      let value = values.get(key);
      if (value) return value;
      const layer = layers.get(name)!;
      value = addLayer(ops, layer, layer.calls[call].map(valueOf));
      values.set(key, value);
      return value;
    };
    const [last] = outputs;
    const { className, calls } = layers.get(last[0])!;
    const isReadOutside = className === SOFTMAX || className === RESTORATION;
    this.output = valueOf(isReadOutside ? calls[last[1]][0] : last) as Place;
    if (className === RESTORATION) {
      const [, restored] = calls[last[1]];
      if (valueOf(restored) !== this.input) {
        throw new Error(`loadPredictor: layer '${last[0]}' was given other series than the model; it must be the same`);
      }
      this.restoration = layers.get(last[0])!.config as { epsilon: number };
      this.recorder.use(this.input, Infinity);
    }
    this.recorder.use(this.output, Infinity);
  }

  /** Puts all that lies between the steps, and their scratch, to `base`, and gives the end of it. */
  place(base: number): number {
    return this.recorder.finish(base);
  }

  /** Runs it, on the threads of a pool if there is one. Throws ThreadError. */
  run(pool?: Pool): void {
    this.recorder.compute(pool);
  }
}
