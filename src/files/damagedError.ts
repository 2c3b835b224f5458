/** A file is not what was written: bits have changed, its end is missing, or a file that belongs to it is. */
export class DamagedError extends Error {
  /**
   * @param path the file
   * @param reason how that shows
   */
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path}: ${reason}`, options);
    this.name = 'DamagedError';
  }
}
