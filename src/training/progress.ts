/** How a batch did before the step that it brought about, or the mean over batches. */
export interface TrainingScore {
  /** Of the training: weighted as the options ask, with the penalties of layers. */
  loss: number;
  /** 0 to 1 */
  accuracy: number;
}

/** How a classifier does on the validation part. */
export interface ValidationScore {
  /** Mean of -log(probability of the right class). */
  loss: number;
  /** 0 to 1 */
  accuracy: number;
  /** 0 to 1; see macroF1. */
  macroF1: number;
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
