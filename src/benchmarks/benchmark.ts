import { type Call, takeTurn, type Turn, warmUp } from './stopwatch.js';
import type { LossTrace } from './lossTrace.js';
import { ratio, type Timing, timingOf } from './timing.js';
import { type BenchmarkGroup, type BenchmarkRow, rowName } from './benchmarkRows.js';

/** How much is measured. */
export interface BenchmarkEffort {
  rounds: number;
  turn: Turn;
  /** Milliseconds of warm-up for each call. */
  warmUp: number;
}

/** Whole runs, and ones that only show that things work. */
export const benchmarkEfforts = {
  full: { rounds: 7, turn: { milliseconds: 400, calls: 1 }, warmUp: 200 },
  quick: { rounds: 3, turn: { milliseconds: 60, calls: 1 }, warmUp: 30 },
} as const satisfies Record<string, BenchmarkEffort>;

/** Milliseconds are medians of single calls. */
export interface BenchmarkResult extends BenchmarkRow {
  milliseconds: number;
  /** First and third quartile. */
  quartiles: [number, number];
  /** Floating-point operations, see attentionFlops and modelFlops. */
  flops: number;
  gflops: number;
  /** Time relative to softmax in turn with it: median over the rounds. */
  relative?: number;
  /** Of training steps. */
  loss?: LossTrace;
}

/**
 * Measures rows that are comparable, in turns: A B C, A B C, so that a slow moment of the machine hits all of them.
 *
 * @param group see benchmarkGroups
 * @param effort see BenchmarkEffort
 */
export async function measureGroup(group: BenchmarkGroup, effort: BenchmarkEffort): Promise<BenchmarkResult[]> {
  const prepared = group.prepare();
  try {
    const calls: Record<string, Call> = Object.fromEntries(
      prepared.rows.map(({ row, call }) => [rowName(row), call] as const),
    );
    await warmUp(Object.values(calls), effort.warmUp);
    const samples: Record<string, number[][]> = {};
    for (let round = 0; round < effort.rounds; round++) {
      for (const [name, times] of Object.entries(await takeTurn(calls, effort.turn)))
        (samples[name] ??= []).push(times);
    }
    const timings = prepared.rows.map(({ row }) => timingOf(samples[rowName(row)]));
    const baseline: Timing | undefined = timings[prepared.rows.findIndex(({ row }) => row.form === 'softmax')];
    return prepared.rows.map(({ row, flops, loss }, index) => {
      const { median: milliseconds, quartiles } = timings[index];
      return {
        ...{ ...row, milliseconds, quartiles, flops, gflops: flops / milliseconds / 1e6 },
        ...(baseline && row.form !== 'softmax' && { relative: ratio(timings[index], baseline) }),
        ...(loss && { loss: loss() }),
      };
    });
  } finally {
    prepared.dispose();
  }
}
