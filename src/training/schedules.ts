/** Name of a schedule. */
export type Schedule = 'constant' | 'cosine' | 'step';

/**
 * Learning rates over a run, as a factor by the share of the run that is done, 0 to 1.
 *
 * - `constant`: 1, as the public protocol has it. Adam's descendants then show bursts late in a run: gradients have
 *   been near 0 for long, and one hard case moves every weight.
 * - `cosine`: half a cosine from 1 down to 0 (Loshchilov and Hutter, SGDR, arXiv 1608.03983), where the run ends calm.
 * - `step`: 1, a tenth after half of the run, a hundredth after three quarters (He et al., Deep Residual Learning,
 *   arXiv 1512.03385).
 */
export const schedules: Readonly<Record<Schedule, (done: number) => number>> = {
  constant: () => 1,
  cosine: (done) => (1 + Math.cos(Math.PI * done)) / 2,
  step: (done) => (done < 0.5 ? 1 : done < 0.75 ? 0.1 : 0.01),
};

/** Names of all schedules. */
export const scheduleNames = Object.keys(schedules) as Schedule[];

export interface Course {
  schedule: Schedule;
  /** Length of the run, in epochs. */
  epochs: number;
  /** Epochs, possibly a fraction of one, in which the factor rises in even steps to 1, before the schedule begins. */
  warmupEpochs: number;
}

/**
 * The factor of the learning rate in one step of a run.
 *
 * @param course what the run is
 * @param step steps that are done, from 0
 * @param stepsPerEpoch steps in an epoch
 * @returns (step + 1) / (number of warm-up steps), at most 1, in the warm-up; what the schedule gives after it
 */
export function learningRateFactor(
  { schedule, epochs, warmupEpochs }: Course,
  step: number,
  stepsPerEpoch: number,
): number {
  const warmup = warmupEpochs * stepsPerEpoch;
  if (step < warmup) return Math.min(1, (step + 1) / warmup);
  return schedules[schedule]((step - warmup) / (epochs * stepsPerEpoch - warmup));
}
