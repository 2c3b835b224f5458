import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, ModelCompileArgs } from '@tensorflow/tfjs-layers';
import type { Batch } from '../../data/batches.js';
import type { Cases, LabelledData } from '../../data/labelledData.js';
import type { ModelMetadata, TaskMetadata, TaskName } from '../../data/modelMetadata.js';
import type { Columns } from '../../report/html.js';
import type { AnyEvaluation, EvaluatedPart } from '../evaluation.js';
import type { BaselineOutputs } from '../baselines/forecastBaselines.js';
import type { Monitor } from '../isBetter.js';
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

/** What rules are fitted to and applied to. */
export interface BaselineParts {
  train: LabelledData;
  validation?: LabelledData;
  test: LabelledData;
}

/** What a command shows of an evaluation. */
export interface EvaluationText {
  /** Fields for machines. */
  document: object;
  /** A figure a line, its title padded; then perhaps tables. */
  lines: string[];
}

/** A column of a table for people: its heading, how it is aligned (see markdownTable), and its cells. */
export type TextColumn = readonly [heading: string, align: number, cells: readonly string[]];

/** The columns of a table, as they are in its rows. */
export const textColumns = <Row>({ columns }: Columns<Row>, rows: readonly Row[]): TextColumn[] =>
  columns.map(([heading, align, cell]) => [heading, align, rows.map(cell)]);

/** What a command shows of what a model says of cases. */
export interface PredictionText {
  /** For machines, one a case. */
  documents: object[];
  /** For people: columns, each with a cell a row. */
  table: readonly TextColumn[];
  /** As many columns in each row as in the first one, which names them. */
  csv: (string | number)[][];
}

/**
 * What a model is trained to do. All that training, evaluation, commands and reports know of targets and scores, they ask
 * here.
 */
export interface Task<Of extends AnyEvaluation = AnyEvaluation> {
  name: TaskName;
  /** The field by which data is known to be of this task, where it does not say so. */
  knownBy: 'classNames' | 'targets' | 'futures';
  /** Scores of each step and epoch, in the order of columns and charts. */
  trainingScores: readonly (keyof TrainingScore)[];
  /** Scores of each epoch on the validation part, in the order of columns. */
  validationScores: readonly (keyof ValidationScore)[];
  /** Scores that may tell the best epoch; the first one is the default, and the one that comparisons are about. */
  monitors: readonly [Monitor, ...Monitor[]];
  /** Options of the loss that have a meaning. */
  lossOptions: readonly (keyof LossOptions)[];
  /** What a model is compiled with, so that tfjs's own methods train and evaluate it as ours. */
  compileArgs: Pick<ModelCompileArgs, 'loss' | 'metrics'>;
  /** @throws Error, in the name of `owner`, unless the model's outputs are such as the data asks for */
  checkOutputs(owner: string, model: LayersModel, data: Cases): void;
  /** @throws Error, in the name of `owner`, unless each case has a target, and one that can be */
  checkTargets(owner: string, data: Cases): void;
  /** Splits off a share of the training part for validation. */
  split(data: LabelledData, share: number, seed: number): { train: LabelledData; validation: LabelledData };
  /** What a model must keep of its training part to say in words what it gives. */
  metadata(train: Cases): TaskMetadata;
  /** What is wrong with metadata that was saved, as `[field, what it must be]`; undefined if nothing is. */
  metadataFault(metadata: TaskMetadata): [keyof TaskMetadata, string] | undefined;
  /** Data with its targets in the scale of a model's outputs. */
  scaled<Data extends Cases>(data: Data, metadata: TaskMetadata): Data;
  /** The objective of training this model. */
  objective(model: LayersModel, options?: LossOptions): Objective;
  /**
   * @param outputs the model's, [cases][outputs]
   * @param data the cases, one or more, with their targets
   */
  evaluate(outputs: readonly number[][], data: Cases): Of;
  /**
   * What simple rules give for the test part, beside which a model has to be seen; absent of classes.
   *
   * @param parts as a model is given them: standardised
   */
  baselines?(parts: BaselineParts): BaselineOutputs[];
  /** Of a part, for people: '9 classes'. */
  describe(data: Cases): string;
  /** Of a case, for people: "class 'a'". */
  describeCase(data: Cases, index: number): string;
  /**
   * What `train` says for machines of the test part: after the last epoch, after the best one on the validation part, and of
   * the model that is kept.
   */
  testDocument(found: { last: Of; best?: Of; kept: Of }): object;
  /** What `evaluate` prints of a part: 'Test', '370 cases of JapaneseVowels'. */
  evaluationText(evaluation: Of, metadata: TaskMetadata, part: { name: string; cases: string }): EvaluationText;
  /** What `predict` prints, of outputs [cases][outputs] for `data`, whose cases are counted from `first`, 1. */
  predictionText(outputs: readonly number[][], metadata: ModelMetadata, data: Cases, first?: number): PredictionText;
  /** A part in the report of a run, as HTML. */
  reportPart(part: EvaluatedPart<Of>, facts: TaskMetadata): string | Promise<string>;
}
