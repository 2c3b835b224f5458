// Measurements that compare builds on one thread.

import { Child } from './childProcess.js';
import { takeTurns } from './turns.js';
import type { Settings } from '../settings.js';
import type { Timing } from '../../src/benchmarks/timing.js';

/**
 * Measures jobs of a module one by one, each build in a process of its own, which take turns.
 * @param found is told what each build came to, as soon as it is known
 */
export async function measureBuilds<Job, Facts>(
  { configurations, effort }: Settings,
  module: URL,
  jobs: readonly Job[],
  found: (job: Job, build: string, facts: Facts, timings: Record<string, Timing>) => void,
): Promise<void> {
  const builds = [...new Set(configurations.map(({ build }) => build))];
  const children = builds.map((build) => Child.start({ threads: 1, build }));
  try {
    for (const job of jobs) {
      const facts: Facts[] = [];
      for (const child of children) facts.push(await child.open<Facts>(module, job, effort.warmUp));
      const timings = await takeTurns(children, effort);
      builds.forEach((build, index) => found(job, build, facts[index], timings[index]));
      for (const child of children) await child.close();
    }
  } finally {
    for (const child of children) child.stop();
  }
}
