import { percent as toPercent } from '../report/numbers.js';

/** Options that every command takes. */
export interface OutputOptions {
  json?: boolean;
  quiet?: boolean;
}

/** Standard output is the result's; everything said on the way goes to standard error. */
export class Output {
  /** @param options `json`: the result is one JSON document; `quiet`: nothing but the result */
  constructor(private readonly options: OutputOptions) {}

  /** True if progress should be shown. */
  get verbose(): boolean {
    return !this.options.quiet;
  }

  /** Says something on the way. */
  say(text: string): void {
    if (this.verbose) process.stderr.write(`${text}\n`);
  }

  /** Says something that nobody should miss, even if quiet. */
  warn(text: string): void {
    process.stderr.write(`warning: ${text}\n`);
  }

  /**
   * Gives the command's result.
   *
   * @param document for machines
   * @param lines for people
   */
  result(document: object, lines: string[]): void {
    process.stdout.write(this.options.json ? `${JSON.stringify(document, null, 2)}\n` : `${lines.join('\n')}\n`);
  }
}

/** An accuracy or a probability as commands print it: 0.9865 as '98.65 %'. */
export const percent = (share: number) => toPercent(share, 2);
