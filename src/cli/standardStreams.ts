import { fstatSync, writeSync } from 'node:fs';

/** Exit status of a process that wrote to a pipe that nobody reads any more, as shells have it: 128 + SIGPIPE. */
export const BROKEN_PIPE = 141;
const FAILED = 1;

type StandardStream = (typeof process)['stdout' | 'stderr'];

/** A disk that is nearly full takes a part of what is written, without an error; Node's stream takes that for all. */
function writeWhole(stream: StandardStream): void {
  const { fd } = stream;
  if (!fstatSync(fd).isFile()) return;
  stream._write = (chunk: Buffer, _, done) => {
    try {
      for (let at = 0; at < chunk.length;) at += writeSync(fd, chunk, at);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}

/**
 * Keeps a command alive when its standard output or error can no longer be written to, as in `train --help | head -1` or
 * on a full disk. What it writes from then on is lost; what it computes and saves is not.
 *
 * - Standard output closed by its reader: nothing is said, as with other programs; the exit status is 141.
 * - Standard output not written, or in part only, for another reason, such as a full disk: one line on standard error,
 *   exit status 1.
 * - Standard error: lost messages change nothing, as there is nowhere left to say so.
 * - Streams that are closed from the start, as by `>&-`, are /dev/null to Node.
 */
export function keepStandardStreams(): void {
  writeWhole(process.stdout);
  writeWhole(process.stderr);
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
