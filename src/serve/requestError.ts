/** A request that cannot be answered as asked: the answer has this status, and the message as its error. */
export class RequestError extends Error {
  /**
   * @param status of HTTP, from 400 on
   * @param message names what was wrong, what it was and what it must be
   * @param headers of the answer
   */
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'RequestError';
  }
}

/** A body that is not what it must be. */
export const badRequest = (message: string) => new RequestError(400, message);

/** Every error's body, as the Open Inference Protocol has it. */
export const errorBody = (message: string) => JSON.stringify({ error: message });
