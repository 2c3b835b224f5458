// Measurements that compare builds on one thread.

import type { Table } from '../format.js';
import { measureRows } from '../measureRows.js';
import type { Settings } from '../settings.js';
import { withChildren } from './childProcess.js';
import { measureInTurn, type Measurement } from './turns.js';

/**
 * Measures jobs of a module one by one, each build in a process of its own, which take turns.
 * @param resultOf what a build's measurement comes to
 */
export function measureBuilds<Job, Facts, Result>(
  settings: Settings,
  table: Table<Result>,
  module: URL,
  jobs: readonly Job[],
  resultOf: (job: Job, measurement: Measurement<Facts>) => Result,
): Promise<Result[]> {
  const builds = [...new Set(settings.configurations.map(({ build }) => build))];
  const single = builds.map((build) => ({ threads: 1, build }));
  return withChildren(single, false, (children) =>
    measureRows(settings, table, jobs, async (job) => {
      const assignments = children.map((child) => ({ child, module, job }));
      const measured = await measureInTurn<Facts>(assignments, settings.effort);
      return measured.map((measurement) => resultOf(job, measurement));
    }),
  );
}
