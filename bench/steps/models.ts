// The training steps that are measured: classifiers of time series, without dropout.

import { attentionForm } from '../../src/index.js';

/** A model and its batch. */
export interface StepModel {
  name: string;
  batch: number;
  /** N */
  length: number;
  width: number;
  feedForward: number;
  heads: number;
  layers: number;
  /** A step of tfjs's ops takes minutes. */
  long?: boolean;
}

export const CHANNELS = 12;
export const CLASSES = 9;

export const models: readonly StepModel[] = [
  { name: 'A', batch: 16, length: 29, width: 512, feedForward: 2048, heads: 8, layers: 2 },
  { name: 'B', batch: 64, length: 152, width: 64, feedForward: 256, heads: 8, layers: 3 },
  { name: 'C', batch: 8, length: 1024, width: 64, feedForward: 128, heads: 2, layers: 2 },
  { name: 'D', batch: 16, length: 315, width: 512, feedForward: 2048, heads: 8, layers: 2, long: true },
];

export const formNames = ['softmax', 'bn', 'sh', 'bn+sh'] as const;
export type FormName = (typeof formNames)[number];

/** Options of attention. */
export function attentionOf(form: FormName, { heads, length }: StepModel) {
  return attentionForm(form)({ heads, length });
}

/** As the table's first column and the README say it. */
export function describeModel({ name, batch, length, width, feedForward, heads, layers }: StepModel): string {
  return `${name}: batch ${batch}, N ${length}, width ${width}, FF ${feedForward}, ${heads} heads, ${layers} layers`;
}

/** The weights that a step trains, with one projection each for queries, keys and values. */
export function weightShapes({ length, width, feedForward, layers }: StepModel): Record<string, number[]> {
  const linear = (name: string, inner: number, units: number) => ({
    [`${name}/kernel`]: [inner, units],
    [`${name}/bias`]: [units],
  });
  const norm = (name: string) => ({ [`${name}/gamma`]: [width], [`${name}/beta`]: [width] });
  const encoder = (name: string) => ({
    ...linear(`${name}/attention/query`, width, width),
    ...linear(`${name}/attention/key`, width, width),
    ...linear(`${name}/attention/value`, width, width),
    ...linear(`${name}/attention/attention_output`, width, width),
    ...norm(`${name}/attention_norm`),
    ...linear(`${name}/intermediate`, width, feedForward),
    ...linear(`${name}/output`, feedForward, width),
    ...norm(`${name}/feed_forward_norm`),
  });
  const encoders = Array.from({ length: layers }, (_, index) => Object.entries(encoder(`encoder_${index}`)));
  return {
    ...linear('embedding', CHANNELS, width),
    'positions/embeddings': [length, width],
    ...Object.fromEntries(encoders.flat()),
    ...linear('classes', length * width, CLASSES),
  };
}
