/** A thread of the pool, as the thread that starts it sees it. */
export interface Thread {
  /**
   * Whether it is still there, asked by a thread that is too busy to get events, and has waited `silence` milliseconds
   * for it.
   */
  alive(silence: number): boolean;
  terminate(): Promise<unknown>;
}

/** What threads are here. */
export interface Threads {
  /** Why there can be none but the first; undefined where there can. */
  whyNoThreads(): string | undefined;
  startThread: StartThread;
  /** Whether this thread may sleep: a page's main thread may not. */
  maySleep: boolean;
  /** Whether it is known when a thread has ended. */
  awaitsThreads: boolean;
}

/** Starts a thread on `message`; `started` is called when it is ready, `died` when it ends for whatever reason. */
export type StartThread = (message: object, started: () => void, died: (reason: string) => void) => Thread;

/** Those of edge runtimes. */
export const noThreads: Threads = {
  whyNoThreads: () => 'an edge runtime has none',
  startThread() {
    throw new Error('an edge runtime has no threads');
  },
  maySleep: false,
  awaitsThreads: false,
};
