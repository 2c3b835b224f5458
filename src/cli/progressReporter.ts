import { SingleBar } from 'cli-progress';
import type { Progress } from '../training/progress.js';
import { type Output, percent } from './output.js';

/** Follows a training run. */
export interface ProgressReporter {
  onBatchEnd?: (progress: Progress) => void;
  onEpochEnd?: (progress: Progress) => void;
  /** Ends the display, after success or failure. */
  stop(): void;
}

function bar(): ProgressReporter {
  const single = new SingleBar({
    format: '{bar} {percentage} % | epoch {epoch}/{epochs} | loss {loss} | accuracy {accuracy} | ETA {eta_formatted}',
    stream: process.stderr,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    etaBuffer: 100,
  });
  return {
    onBatchEnd({ epoch, epochs, batch, batchesPerEpoch, loss, accuracy }) {
      const payload = { epoch, epochs, loss: loss.toFixed(4), accuracy: percent(accuracy) };
      if (epoch === 1 && batch === 1) single.start(epochs * batchesPerEpoch, 0, payload);
      single.update((epoch - 1) * batchesPerEpoch + batch, payload);
    },
    stop: () => single.stop(),
  };
}

function lines(output: Output): ProgressReporter {
  return {
    onEpochEnd({ epoch, epochs, loss, accuracy, seconds }) {
      output.say(
        `epoch ${epoch}/${epochs}  loss ${loss.toFixed(4)}  accuracy ${percent(accuracy)}  ${seconds.toFixed(2)} s`,
      );
    },
    stop: () => {},
  };
}

/**
 * A progress bar on a terminal, a line for each epoch elsewhere, nothing if the output is quiet. All on standard error.
 *
 * @param output the command's output
 */
export function progressReporter(output: Output): ProgressReporter {
  if (!output.verbose) return { stop: () => {} };
  return process.stderr.isTTY ? bar() : lines(output);
}
