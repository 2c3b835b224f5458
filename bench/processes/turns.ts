// Configurations take turns, A B A B, so that a slow moment of the machine hits all of them.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './childProcess.js';
import type { Turn } from '../../src/benchmarks/stopwatch.js';
import { type Timing, timingOf } from '../../src/benchmarks/timing.js';

/** How much is measured. */
export interface Effort {
  rounds: number;
  turn: Turn;
  /** Milliseconds of warm-up before the first turn. */
  warmUp: number;
  /** Milliseconds of silence before a turn: pools of threads spin for a while before they sleep. Default 20. */
  rest?: number;
}

/** @returns for each child the timings of its calls by name */
export async function takeTurns(
  children: readonly Child[],
  { rounds, turn, rest = 20 }: Effort,
): Promise<Record<string, Timing>[]> {
  const samples: Record<string, number[][]>[] = children.map(() => ({}));
  for (let round = 0; round < rounds; round++) {
    for (const [index, child] of children.entries()) {
      await sleep(rest);
      for (const [name, times] of Object.entries(await child.turn(turn))) {
        samples[index][name] ??= [];
        samples[index][name].push(times);
      }
    }
  }
  return samples.map((byName) =>
    Object.fromEntries(Object.entries(byName).map(([name, perRound]) => [name, timingOf(perRound)])),
  );
}
