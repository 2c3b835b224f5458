// The losses of training while it is measured: they say whether it was training as it is.

/** The mean losses of the first and of the last steps. */
export interface LossTrace {
  start: number;
  end: number;
}

/** As tables show it. */
export function lossText({ start, end }: LossTrace): string {
  return `${start.toFixed(2)} to ${end.toFixed(2)}`;
}

/**
 * Says so if training has come too far: vanishing gradients may cost another time than those of training.
 *
 * @param name of what was measured
 * @returns a note, if the loss ended below half of its start
 */
export function vanishedNote(name: string, loss: LossTrace): string | undefined {
  if (loss.end >= loss.start / 2) return undefined;
  return `${name}: the loss went from ${lossText(loss)}, below half of its start: this may not be the time of a training step`;
}
