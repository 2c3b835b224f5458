// Medians, since the machine is shared and its speed drifts.

export interface Timing {
  /** Milliseconds a call. */
  median: number;
  /** First and third quartile. */
  quartiles: [number, number];
  /** Median of each round. */
  rounds: number[];
}

/** First quartile, median and third quartile. */
export function quartiles(values: readonly number[]): [number, number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const low = Math.floor(place);
    return sorted[low] + (place - low) * (sorted[Math.ceil(place)] - sorted[low]);
  };
  return [at(0.25), at(0.5), at(0.75)];
}

export function median(values: readonly number[]): number {
  return quartiles(values)[1];
}

/** @param rounds milliseconds of single calls, round by round */
export function timingOf(rounds: readonly (readonly number[])[]): Timing {
  const [low, middle, high] = quartiles(rounds.flat());
  return { median: middle, quartiles: [low, high], rounds: rounds.map(median) };
}

/** How many times as long `a` takes as `b`: median over the rounds, each against its own, so that drift cancels. */
export function ratio(a: Timing, b: Timing): number {
  return median(a.rounds.map((time, round) => time / b.rounds[round]));
}

/** Half the distance between the quartiles, as a share of the median. */
export function spread({ median, quartiles: [low, high] }: Omit<Timing, 'rounds'>): number {
  return (high - low) / 2 / median;
}
