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
export interface Progress {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Batches done in this epoch. */
  batch: number;
  batchesPerEpoch: number;
  loss: number;
  accuracy: number;
  /** Of the last step; not known of an optimizer that the caller made. */
  learningRate?: number;
  /** Seconds of training in this epoch, without validation. */
  seconds: number;
  /** Mean over the epoch so far. */
  samplesPerSecond: number;
  /** At the end of an epoch, if fit has a validation part. */
  validation?: ValidationScore;
}
