// What the command `bench` measures.

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { attentionCall, attentionOperands, type AttentionShape, passes } from './attentionCalls.js';
import { attentionFlops } from '../analysis/attentionFlops.js';
import { modelFlops } from '../analysis/modelFlops.js';
import type { Batch } from '../data/batches.js';
import type { LayerAttentionOptions } from '../layers/multiHeadAttention.js';
import { timeSeriesClassifier } from '../models/timeSeriesClassifier.js';
import { tokenClassifier } from '../models/tokenClassifier.js';
import { visionTransformer } from '../models/visionTransformer.js';
import { attention } from '../ops/attention.js';
import { uniform } from '../random.js';
import { adamW } from '../training/adamW.js';
import { classification } from '../training/tasks/classification.js';
import { trainingStep } from '../training/trainingStep.js';
import { attentionForm, attentionFormNames } from '../models/attentionForm.js';

/** One thing that is measured. */
export interface BenchmarkRow {
  /** 'attention', or a classifier with its batch. */
  what: string;
  /** Form of attention, as `--form` names it. */
  form: string;
  /** 'forward', 'forward+backward', or 'training step'. */
  pass: string;
  /** Shape of q [B, H, N, D], or batch and positions of a classifier. */
  shape: string;
}

/** Rows that can be compared with each other. */
export interface BenchmarkGroup {
  rows: readonly BenchmarkRow[];
  /** Makes the calls of the rows; `dispose` frees what they work on. */
  prepare(): { rows: { row: BenchmarkRow; call: () => void; flops: number }[]; dispose: () => void };
}

/** What a row is called; no two have the same name. */
export function rowName({ what, form, pass, shape }: BenchmarkRow): string {
  return `${what} ${form} ${pass} ${shape}`;
}

function attentionGroup(
  shape: AttentionShape,
  pass: (typeof passes)[number],
  forms: readonly string[],
): BenchmarkGroup {
  const [batch, heads, positions, headWidth] = shape;
  const rows = forms.map((form) => ({ what: 'attention', form, pass, shape: shape.join('x') }));
  return {
    rows,
    prepare: () => {
      const operands = attentionOperands(shape);
      const sizes = {
        batch,
        heads,
        keyHeads: heads,
        queries: positions,
        keys: positions,
        headWidth,
        valueWidth: headWidth,
      };
      const prepared = rows.map((row) => {
        const options = attentionForm(row.form)({ heads, length: positions });
        const { forward, backward } = attentionFlops(sizes, options);
        const call = attentionCall(pass, operands, (q, k, v) => attention(q, k, v, options));
        return { row, call, flops: pass === 'forward' ? forward : forward + backward };
      });
      return { rows: prepared, dispose: () => tf.dispose(operands) };
    },
  };
}

/** A classifier at a size that its kind of data often has. */
interface Classifier {
  name: string;
  batch: number;
  heads: number;
  /** Positions that its attention sees. */
  positions: number;
  make: (attention: LayerAttentionOptions) => LayersModel;
}

const CLASSES = 10;

/** Dropout is 0, so that steps do the same work each time. */
const classifiers: readonly Classifier[] = [
  {
    ...{ name: 'series public', batch: 16, heads: 8, positions: 29 },
    make: (attention) =>
      timeSeriesClassifier({ preset: 'public', channels: 12, length: 29, classes: CLASSES, dropout: 0, attention }),
  },
  {
    ...{ name: 'series small', batch: 64, heads: 8, positions: 152 },
    make: (attention) =>
      timeSeriesClassifier({ preset: 'small', channels: 12, length: 152, classes: CLASSES, dropout: 0, attention }),
  },
  {
    ...{ name: 'images small', batch: 32, heads: 4, positions: 50 },
    make: (attention) =>
      visionTransformer({ height: 28, width: 28, channels: 1, classes: CLASSES, dropout: 0, attention }),
  },
  {
    ...{ name: 'tokens small', batch: 8, heads: 2, positions: 1024 },
    make: (attention) => tokenClassifier({ vocabulary: 18, length: 1024, classes: CLASSES, dropout: 0, attention }),
  },
];

/** A batch that fills the model's inputs: random series or images, random tokens, full lengths. */
function batchOf(model: LayersModel, size: number): Batch {
  const next = uniform(1);
  const inputs = model.inputs.map(({ shape: [, ...sizes] }, index) => {
    const shape = [size, ...(sizes as number[])];
    const length = model.inputs[0].shape[1]!;
    const isTokens = model.inputs[0].shape.length === 2;
    const value = () => (index > 0 ? length : isTokens ? Math.floor(18 * next()) : 2 * next() - 1);
    return { values: Float32Array.from({ length: tf.util.sizeFromShape(shape) }, value), shape };
  });
  return { size, inputs, labels: Float32Array.from({ length: size }, (_, b) => b % CLASSES) };
}

function classifierGroup(
  { name, batch, heads, positions, make }: Classifier,
  forms: readonly string[],
): BenchmarkGroup {
  const rows = forms.map((form) => {
    return { what: name, form, pass: 'training step', shape: `${batch}x${positions}` };
  });
  return {
    rows,
    prepare: () => {
      const prepared = rows.map((row) => {
        const model = make(attentionForm(row.form)({ heads, length: positions }));
        const optimizer = adamW({ learningRate: 1e-3 });
        const step = trainingStep(model, optimizer, classification.objective(model));
        const data = batchOf(model, batch);
        return { row, model, optimizer, call: () => void step(data), flops: modelFlops(model, { batch }).trainingStep };
      });
      const dispose = () =>
        prepared.forEach(({ model, optimizer }) => {
          optimizer.dispose();
          model.dispose();
        });
      return { rows: prepared, dispose };
    },
  };
}

/** The forms that training steps are shown for. */
const stepForms = ['softmax', 'bn', 'sh', 'bn+sh', 'linear'];

/**
 * All that can be measured: every form of attention at a shape, forward and with gradients; and training steps of the
 * classifiers.
 *
 * @param shape of q, k and v
 * @param filter words that a row's name must hold; softmax stays in a group as what others are compared with
 */
export function benchmarkGroups(shape: AttentionShape, filter: string): BenchmarkGroup[] {
  const words = filter.split(/\s+/);
  const chosen = ({ rows }: BenchmarkGroup) =>
    rows.filter((row) => words.every((word) => rowName(row).includes(word))).map(({ form }) => form);
  const withBaseline = (forms: string[]) => (forms.length === 0 ? [] : [...new Set(['softmax', ...forms])]);
  const attentions = passes.flatMap((pass) => {
    const forms = withBaseline(chosen(attentionGroup(shape, pass, attentionFormNames)));
    return forms.length === 0 ? [] : [attentionGroup(shape, pass, forms)];
  });
  const steps = classifiers.flatMap((classifier) => {
    const forms = withBaseline(chosen(classifierGroup(classifier, stepForms)));
    return forms.length === 0 ? [] : [classifierGroup(classifier, forms)];
  });
  return [...attentions, ...steps];
}
