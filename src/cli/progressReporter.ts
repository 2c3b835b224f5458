import { SingleBar } from 'cli-progress';
import type { Progress } from '../training/progress.js';
import { type Output, percent } from './output.js';

/** Follows a training run. */
export interface ProgressReporter {
  onBatchEnd?: (progress: Progress) => void;
  onEpochEnd?: (progress: Progress) => void;
  /** Ends the display, after success or failure. */
  stop: () => void;
}

/** '812 samples/s | 43.1 GFLOP/s' */
function speed({ samplesPerSecond }: Progress, flopsPerSample: number): string {
  return `${samplesPerSecond.toFixed(0)} samples/s | ${((samplesPerSecond * flopsPerSample) / 1e9).toFixed(1)} GFLOP/s`;
}

function bar(flopsPerSample: number): ProgressReporter {
  const single = new SingleBar({
    format:
      '{bar} {percentage} % | epoch {epoch}/{epochs} | loss {loss} | accuracy {accuracy}{validation} | {speed} | ' +
      'ETA {eta_formatted}',
    stream: process.stderr,
    barsize: 20,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    etaBuffer: 100,
  });
  let validation = '';
  let started = false;
  return {
    onBatchEnd(progress) {
      const { epoch, epochs, batch, batchesPerEpoch, loss, accuracy } = progress;
      const payload = {
        ...{ epoch, epochs, validation, loss: loss.toFixed(4), accuracy: percent(accuracy) },
        speed: speed(progress, flopsPerSample),
      };
      const done = (epoch - 1) * batchesPerEpoch + batch;
      if (!started) single.start(epochs * batchesPerEpoch, done - 1, payload);
      started = true;
      single.update(done, payload);
    },
    onEpochEnd(progress) {
      if (progress.validation) validation = ` | validation ${percent(progress.validation.accuracy)}`;
    },
    stop: () => single.stop(),
  };
}

function lines(output: Output, flopsPerSample: number): ProgressReporter {
  return {
    onEpochEnd(progress) {
      const { epoch, epochs, loss, accuracy, validation, seconds } = progress;
      const parts = [`epoch ${epoch}/${epochs}`, `loss ${loss.toFixed(4)}`, `accuracy ${percent(accuracy)}`];
      if (validation) {
        parts.push(`validation loss ${validation.loss.toFixed(4)}`, `accuracy ${percent(validation.accuracy)}`);
      }
      output.say([...parts, `${seconds.toFixed(2)} s`, speed(progress, flopsPerSample)].join('  '));
    },
    stop: () => {},
  };
}

/**
 * A progress bar on a terminal, a line for each epoch elsewhere, nothing if the output is quiet. All on standard error.
 *
 * @param output the command's output
 * @param flopsPerSample floating-point operations of a training step for each case, padding included
 */
export function progressReporter(output: Output, flopsPerSample: number): ProgressReporter {
  if (!output.verbose) return { stop: () => {} };
  return process.stderr.isTTY ? bar(flopsPerSample) : lines(output, flopsPerSample);
}
