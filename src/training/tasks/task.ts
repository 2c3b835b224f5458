import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, ModelCompileArgs } from '@tensorflow/tfjs-layers';
import type { Batch } from '../../data/batches.js';
import type { LabelledData } from '../../data/labelledData.js';
import type { EvaluatedPart, Evaluation } from '../evaluation.js';
import type { TrainingScore, ValidationScore } from '../progress.js';

/** What the loss is; see softmaxCrossEntropy. */
export interface LossOptions {
  /** Part of each label that is spread evenly over all classes; default 0. */
  labelSmoothing?: number;
  /** What a case of each class counts in the mean over a batch; default: all the same. */
  classWeights?: readonly number[];
}

/** What a step of training minimises. */
export interface Objective {
  /** What is trained: the model, or the part of it whose output the loss takes. Its layers are the model's. */
  part: LayersModel;
  /** Mean over the batch, without penalties of layers; differentiable in the output. */
  loss(output: tf.Tensor, batch: Batch): tf.Scalar;
  /** How the output does on the batch, besides the loss. */
  scores(output: tf.Tensor, batch: Batch): Omit<TrainingScore, 'loss'>;
}

/** What a model is trained to do. All that training, evaluation and reports know of targets and scores, they ask here. */
export interface Task {
  /** The field by which data, metadata and options of reports are known to be of this task. */
  knownBy: string;
  /** Scores of each step and epoch, in the order of columns and charts. */
  trainingScores: readonly (keyof TrainingScore)[];
  /** Scores of each epoch on the validation part, in the order of columns. */
  validationScores: readonly (keyof ValidationScore)[];
  /** What a model is compiled with, so that tfjs's own methods train and evaluate it as ours. */
  compileArgs: Pick<ModelCompileArgs, 'loss' | 'metrics'>;
  /** @throws Error, in the name of `owner`, unless the model's outputs are such as the data asks for */
  checkOutputs(owner: string, model: LayersModel, data: Pick<LabelledData, 'classNames'>): void;
  /** @throws Error, in the name of `owner`, unless each case has a target, and one that can be */
  checkTargets(owner: string, data: LabelledData): void;
  /** The objective of training this model. */
  objective(model: LayersModel, options?: LossOptions): Objective;
  /**
   * @param outputs the model's, [cases][outputs]
   * @param data the cases, one or more, with their targets
   */
  evaluate(outputs: readonly number[][], data: LabelledData): Evaluation;
  /** A part in the report of a run, as HTML. */
  reportPart(part: EvaluatedPart, facts: { classNames: readonly string[] }): Promise<string>;
}
