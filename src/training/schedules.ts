/**
 * Learning rates over a run, as a factor by the part of the run that is done, 0 to 1.
 *
 * - `constant`: 1, as the public protocol has it. Adam's descendants then show bursts late in a run: gradients have
 *   been near 0 for long, and one hard case moves every weight.
 * - `cosine`: half a cosine from 1 down to 0 (Loshchilov and Hutter, SGDR, arXiv 1608.03983), where the run ends calm.
 */
export const schedules = {
  constant: () => 1,
  cosine: (done: number) => (1 + Math.cos(Math.PI * done)) / 2,
} satisfies Record<string, (done: number) => number>;

/** Name of a schedule. */
export type Schedule = keyof typeof schedules;

/** Names of all schedules. */
export const scheduleNames = Object.keys(schedules) as Schedule[];
