/** A thread of the pool, as the thread that starts it sees it. */
export interface Thread {
  /**
   * Whether it is still there, asked by a thread that is too busy to get events, and has waited `silence` milliseconds
   * for it.
   */
  alive(silence: number): boolean;
  terminate(): Promise<unknown>;
}

/** Starts a thread on `message`; `started` is called when it is ready, `died` when it ends for whatever reason. */
export type StartThread = (message: object, started: () => void, died: (reason: string) => void) => Thread;
