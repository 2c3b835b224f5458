/** Exit status of a process that wrote to a pipe that nobody reads any more, as shells have it: 128 + SIGPIPE. */
const BROKEN_PIPE = 141;
const FAILED = 1;

/**
 * Keeps a command alive when its standard output or error can no longer be written to, as in `train --help | head -1` or
 * on a full disk. What it writes from then on is lost; what it computes and saves is not.
 *
 * - Standard output closed by its reader: nothing is said, as with other programs; the exit status is 141.
 * - Standard output not written for another reason, such as a full disk: one line on standard error, exit status 1.
 * - Standard error: lost messages change nothing, as there is nowhere left to say so.
 */
export function keepStandardStreams(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // A failure that was already told keeps its status.
    if (code === 'EPIPE') process.exitCode ||= BROKEN_PIPE;
    else {
      if (!process.exitCode) process.stderr.write(`error: standard output: ${message}\n`);
      process.exitCode ||= FAILED;
    }
  });
}
