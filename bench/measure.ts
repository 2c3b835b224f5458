// Timing: warm-up, then medians of single calls, since the machine is shared and its speed drifts.

export interface Timing {
  /** Milliseconds a call. */
  median: number;
  /** First and third quartile. */
  quartiles: [number, number];
}

/** A wasm function runs optimised only from a later call on, so calls before this much time are not counted. */
const WARM_UP_MS = 300;

/**
 * Runs `calls` in turn, A B A B ..., so that a slow moment hits all of them.
 * @param budget milliseconds for all calls together; each runs 5 times at least.
 */
export function timeInTurn(calls: readonly (() => void)[], budget: number): Timing[] {
  for (const call of calls) {
    const start = performance.now();
    do call();
    while (performance.now() - start < Math.min(WARM_UP_MS, budget));
  }
  const samples = calls.map(() => [] as number[]);
  const start = performance.now();
  while (samples[0].length < 5 || performance.now() - start < budget) {
    calls.forEach((call, index) => {
      const begin = performance.now();
      call();
      samples[index].push(performance.now() - begin);
    });
  }
  return samples.map((times) => {
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.floor(share * (times.length - 1))];
    return { median: at(0.5), quartiles: [at(0.25), at(0.75)] };
  });
}
