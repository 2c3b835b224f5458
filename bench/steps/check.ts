// Times count only if all compute the same.

interface Losses {
  threads: number;
  build: string;
  /** Of the first steps, by form. */
  losses: Record<string, number[]>;
}

const TOLERANCE = 1e-3;

/**
 * Compares the losses of the first steps, each form with that of the first configuration.
 * @throws Error if two differ by more than 1e-3 of their value
 */
export function checkLosses(model: string, [first, ...others]: readonly Losses[]): void {
  for (const { threads, build, losses } of others) {
    for (const [form, values] of Object.entries(losses)) {
      const expected = first.losses[form] as number[] | undefined;
      values.forEach((value, step) => {
        if (!expected || Math.abs(value - expected[step]) <= TOLERANCE * Math.abs(expected[step])) return;
        throw new Error(
          `step ${model} ${form}: the loss of step ${step + 1} was ${value} with ${build}, ${threads} thread(s); ` +
            `it must be ${expected[step]}, as with ${first.build}, ${first.threads} thread(s)`,
        );
      });
    }
  }
}
