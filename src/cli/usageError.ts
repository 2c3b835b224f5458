/** The command line asks for something that cannot be: exit status 2. */
export class UsageError extends Error {
  /** @param message names the option, what it was and what it must be */
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
