// Configurations take turns, A B A B, so that a slow moment of the machine hits all of them.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Turn } from '../../src/benchmarks/stopwatch.js';
import { type Timing, timingOf } from '../../src/benchmarks/timing.js';
import type { Child } from './childProcess.js';
import type { Setting } from './subject.js';

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
async function takeTurns(
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

/** A job, the module that prepares it, and the process that it is for. */
export interface Assignment {
  child: Child;
  module: URL;
  job: unknown;
  /** Milliseconds of warm-up, if other than those of the effort. */
  warmUp?: number;
}

export interface Measurement<Facts, Outcome = undefined> {
  setting: Setting;
  facts: Facts;
  outcome: Outcome;
  /** Timings of the calls by name. */
  timings: Record<string, Timing>;
}

/**
 * Prepares the jobs, measures them in turn, and disposes what was prepared.
 * @param check is given the facts of all jobs before they are timed
 * @returns a measurement for each assignment
 */
export async function measureInTurn<Facts, Outcome = undefined>(
  assignments: readonly Assignment[],
  effort: Effort,
  check: (facts: Facts[]) => void = () => {},
): Promise<Measurement<Facts, Outcome>[]> {
  const facts: Facts[] = [];
  for (const { child, module, job, warmUp = effort.warmUp } of assignments) {
    facts.push(await child.open<Facts>(module, job, warmUp));
  }
  check(facts);
  const children = assignments.map(({ child }) => child);
  const timings = await takeTurns(children, effort);
  const outcomes: Outcome[] = [];
  for (const child of children) outcomes.push(await child.close<Outcome>());
  return children.map(({ setting }, index) => {
    return { setting, facts: facts[index], outcome: outcomes[index], timings: timings[index] };
  });
}
