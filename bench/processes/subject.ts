// What a child process measures, and in what setting.

/** One configuration: a child process of its own, since heap, flags and compiled code last as long as the process. */
export interface Setting {
  /** Threads that compute. */
  threads: number;
  /** Kernel build, or '' for what has none. */
  build: string;
}

export type Call = () => void | Promise<void>;

/** Prepared work: calls by name, each disposing what it makes. */
export interface Subject<Facts = unknown> {
  /** What the parent is told, copied structure by structure. */
  facts: Facts;
  calls: Record<string, Call>;
  /** The calls have run often enough while they were prepared: none is made for warming up alone. */
  warm?: boolean;
  dispose?: () => void;
}

/** What a module that a child loads exports as `prepare`. */
export type Prepare<Job, Facts> = (job: Job, setting: Setting) => Subject<Facts> | Promise<Subject<Facts>>;

/** How long a child measures when it is its turn. */
export interface Turn {
  /** Milliseconds that all its calls take together. */
  milliseconds: number;
  /** Times that each is made at least. */
  calls: number;
}

export type Request =
  | { kind: 'open'; module: string; job: unknown; setting: Setting; warmUp: number }
  | { kind: 'turn'; turn: Turn }
  | { kind: 'close' };

/** An answer to a request: milliseconds of single calls by name for a turn, facts for `open`. */
export type Reply = { value: unknown } | { error: string };
