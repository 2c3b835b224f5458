/** A download that failed; the message says why, and what can be done. */
export class DownloadError extends Error {
  /**
   * @param url what was asked for
   * @param reason what went wrong
   * @param status the server's answer, if it gave one
   */
  constructor(
    readonly url: string,
    readonly reason: string,
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(`${url}: ${reason}`, options);
    this.name = 'DownloadError';
  }
}
