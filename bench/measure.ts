// Timing: warm-up, then medians of single calls, since the machine is shared and its speed drifts.

export interface Timing {
  /** Milliseconds a call. */
  median: number;
  /** First and third quartile. */
  quartiles: [number, number];
  /** Time relative to the first of the calls: median over the rounds, each against its own, so that drift cancels. */
  relative: number;
}

export interface Effort {
  /** Milliseconds for all rounds together. */
  budget: number;
  /** Rounds at least, whatever they take. */
  rounds: number;
}

/** A wasm function runs optimised only from a later call on, so calls before this much time are not counted. */
const WARM_UP_MS = 300;

/** Sorts `values`; gives first quartile, median and third quartile. */
function quartiles(values: number[]): [number, number, number] {
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.floor(share * (values.length - 1))];
  return [at(0.25), at(0.5), at(0.75)];
}

/** Runs `calls` in turn, A B A B ..., so that a slow moment hits all of them. */
export function timeInTurn(calls: readonly (() => void)[], { budget, rounds }: Effort): Timing[] {
  for (const call of calls) {
    const start = performance.now();
    do call();
    while (performance.now() - start < Math.min(WARM_UP_MS, budget));
  }
  const samples = calls.map(() => [] as number[]);
  const start = performance.now();
  while (samples[0].length < rounds || performance.now() - start < budget) {
    calls.forEach((call, index) => {
      const begin = performance.now();
      call();
      samples[index].push(performance.now() - begin);
    });
  }
  const relatives = samples.map((times) => quartiles(times.map((time, round) => time / samples[0][round]))[1]);
  return samples.map((times, index) => {
    const [low, median, high] = quartiles(times);
    return { median, quartiles: [low, high], relative: relatives[index] };
  });
}
