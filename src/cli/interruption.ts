/** The user or the system has interrupted a command, which saved what it could. */
export class InterruptedError extends Error {
  /**
   * @param message what was saved, and how to continue
   * @param status exit status, as shells have it: 128 and the signal's number
   */
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
    this.name = 'InterruptedError';
  }
}

const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Milliseconds after the first signal in which others are its echo: npm passes on a Ctrl-C that came to all. */
export const ECHO_MS = 1000;

/** Turns the first SIGINT (Ctrl-C), SIGTERM or SIGHUP (a closed terminal) into an abort; a later one ends the process at once. */
export class Interruption {
  private readonly controller = new AbortController();
  private readonly handlers = Object.entries(statuses).map(([name, status]) => ({
    name: name as keyof typeof statuses,
    handle: () => {
      if (this.controller.signal.aborted) return;
      this.status = status;
      this.controller.abort();
      setTimeout(() => this.stop(), ECHO_MS).unref();
      this.onSignal();
    },
  }));
  private status = 0;

  /** @param onSignal hears of the first signal */
  constructor(private readonly onSignal: () => void) {
    for (const { name, handle } of this.handlers) process.on(name, handle);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Signals end the process again. */
  stop(): void {
    for (const { name, handle } of this.handlers) process.removeListener(name, handle);
  }

  /** @param message see InterruptedError */
  error(message: string): InterruptedError {
    return new InterruptedError(message, this.status);
  }
}
