// Configurations take turns, A B A B, so that a slow moment of the machine hits all of them.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './childProcess.js';
import { type Timing, timingOf } from './statistics.js';
import type { Turn } from './subject.js';

/** How much is measured. */
export interface Effort {
  rounds: number;
  turn: Turn;
  /** Milliseconds of warm-up before the first turn. */
  warmUp: number;
}

/** Pools of some peers spin for a while before their threads sleep. */
const REST_MS = 20;

/** @returns for each child the timings of its calls by name */
export async function takeTurns(
  children: readonly Child[],
  { rounds, turn }: Effort,
): Promise<Record<string, Timing>[]> {
  const samples: Record<string, number[][]>[] = children.map(() => ({}));
  for (let round = 0; round < rounds; round++) {
    for (const [index, child] of children.entries()) {
      await sleep(REST_MS);
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
