import { Session } from 'node:inspector/promises';

/** What of the package the inputs are to reach. */
const WATCHED = /\/dist\/(cli|data|files|checks|training)\//;

/** Blocks of code that have run, as V8 counts them: the guide to inputs that are worth keeping. */
export class Coverage {
  #session = new Session();
  #seen = new Set();

  async start() {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  }

  /** Blocks that have run since the last call, and never before. */
  async newBlocks() {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    let found = 0;
    for (const { url, functions } of result) {
      if (!WATCHED.test(url)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          const block = `${url}:${startOffset}-${endOffset}:${count > 0}`;
          if (this.#seen.has(block)) continue;
          this.#seen.add(block);
          found++;
        }
      }
    }
    return found;
  }

  get size() {
    return this.#seen.size;
  }
}
