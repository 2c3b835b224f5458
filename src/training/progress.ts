/** How a batch did before the step that it brought about, or the mean over batches. */
export interface TrainingScore {
  /** Of the training: weighted as the options ask, with the penalties of layers. */
  loss: number;
  /** Of a classifier, 0 to 1. */
  accuracy?: number;
}

/** How a model does on the validation part: the scores that its task has. */
export interface ValidationScore {
  /** Mean over the cases. Of a classifier -log(probability of the right class), else the square of the error, standardised. */
  loss: number;
  /** Of a classifier, 0 to 1. */
  accuracy?: number;
  /** Of a classifier, 0 to 1; see macroF1. */
  macroF1?: number;
  /** Of a regressor: root of the mean square error, in the units of the targets. */
  rmse?: number;
  /** Mean absolute error: of a regressor in the units of the targets, of a forecaster standardised. */
  mae?: number;
  /** Of a forecaster: mean square error, standardised. */
  mse?: number;
  /** Of a regressor: 1 - sum of squares of the errors / that of the targets about their mean; NaN where they are all equal. */
  r2?: number;
}

/** Where training stands. Loss and accuracy are means over the epoch so far, with dropout, as Keras shows them. */
export interface Progress extends TrainingScore {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Batches done in this epoch. */
  batch: number;
  batchesPerEpoch: number;
  /** Of the last step; not known of an optimizer that the caller made. */
  learningRate?: number;
  /** Seconds of training in this epoch, without validation. */
  seconds: number;
  /** Mean over the epoch so far. */
  samplesPerSecond: number;
  /** At the end of an epoch, if fit has a validation part. */
  validation?: ValidationScore;
}
