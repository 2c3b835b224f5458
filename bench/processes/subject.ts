// What a child process measures, and in what setting.

import type { Call, Turn } from '../../src/benchmarks/stopwatch.js';

/** One configuration: a child process of its own, since heap, flags and compiled code last as long as the process. */
export interface Setting {
  /** Threads that compute. */
  threads: number;
  /** Kernel build, or '' for what has none. */
  build: string;
}

/** Prepared work: calls by name, each disposing what it makes. */
export interface Subject<Facts = unknown, Outcome = unknown> {
  /** What the parent is told before the calls are timed, as a structured clone. */
  facts: Facts;
  calls: Record<string, Call>;
  /** A call takes seconds: none is made for warming up alone, and one is enough for a turn. */
  slow?: boolean;
  /** What the parent is told after the last turn. */
  outcome?: () => Outcome;
  dispose?: () => void;
}

/** What a module that a child loads exports as `prepare`. */
export type Prepare<Job, Facts> = (job: Job, setting: Setting) => Subject<Facts> | Promise<Subject<Facts>>;

export type Request =
  | { kind: 'open'; module: string; job: unknown; setting: Setting; warmUp: number }
  | { kind: 'turn'; turn: Turn }
  | { kind: 'close' };

/** An answer to a request: facts for `open`, milliseconds of single calls by name for a turn, the outcome for `close`. */
export type Reply = { value: unknown } | { error: string };
