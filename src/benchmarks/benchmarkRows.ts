// What the command `bench` measures.

import * as tf from '@tensorflow/tfjs-core';
import { attentionCall, attentionOperands, type AttentionShape, passes } from './attentionCalls.js';
import { type BenchmarkClassifier, classifiers, poolOf, stepsOf } from './classifierSteps.js';
import type { LossTrace } from './lossTrace.js';
import { attentionFlops } from '../analysis/attentionFlops.js';
import { attention } from '../ops/attention.js';
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

/** A row that is ready to be measured. */
export interface PreparedRow {
  row: BenchmarkRow;
  call: () => void;
  flops: number;
  /** Of a training step: the losses of all calls so far. */
  loss?: () => LossTrace;
}

/** Rows that can be compared with each other. */
export interface BenchmarkGroup {
  rows: readonly BenchmarkRow[];
  /** Makes the calls of the rows; `dispose` frees what they work on. */
  prepare(): { rows: PreparedRow[]; dispose: () => void };
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

function classifierGroup(classifier: BenchmarkClassifier, forms: readonly string[]): BenchmarkGroup {
  const { name, batch, positions } = classifier;
  const rows = forms.map((form) => {
    return { what: name, form, pass: 'training step', shape: `${batch}x${positions}` };
  });
  return {
    rows,
    prepare: () => {
      const pool = poolOf(classifier);
      const steps = rows.map(({ form }) => stepsOf(classifier, form, pool));
      return {
        rows: rows.map((row, index) => {
          const { fresh, flops } = steps[index];
          return { row, flops, call: () => void fresh.step(), loss: () => fresh.loss };
        }),
        dispose: () => steps.forEach(({ dispose }) => dispose()),
      };
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
