import { SingleBar } from 'cli-progress';
import type { Progress } from '../training/progress.js';
import { scoreTexts } from '../training/scores.js';
import type { Task } from '../training/tasks/task.js';
import type { Output } from './output.js';

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

function bar({ trainingScores, monitors }: Task, flopsPerSample: number): ProgressReporter {
  const single = new SingleBar({
    format: '{bar} {percentage} % | epoch {epoch}/{epochs} | {scores}{validation} | {speed} | ' + 'ETA {eta_formatted}',
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
      const { epoch, epochs, batch, batchesPerEpoch } = progress;
      const payload = {
        ...{ epoch, epochs, validation, scores: scoreTexts(trainingScores, progress).join(' | ') },
        speed: speed(progress, flopsPerSample),
      };
      const done = (epoch - 1) * batchesPerEpoch + batch;
      if (!started) single.start(epochs * batchesPerEpoch, done - 1, payload);
      started = true;
      single.update(done, payload);
    },
    onEpochEnd(progress) {
      const [monitor] = monitors;
      if (progress.validation) validation = ` | validation ${scoreTexts([monitor], progress.validation)[0]}`;
    },
    stop: () => single.stop(),
  };
}

function lines(output: Output, { trainingScores, monitors }: Task, flopsPerSample: number): ProgressReporter {
  return {
    onEpochEnd(progress) {
      const { epoch, epochs, validation, seconds } = progress;
      const parts = [`epoch ${epoch}/${epochs}`, ...scoreTexts(trainingScores, progress)];
      if (validation) {
        const [loss, ...others] = scoreTexts(['loss', monitors[0]], validation);
        parts.push(`validation ${loss}`, ...others);
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
 * @param task says which scores are shown
 * @param flopsPerSample floating-point operations of a training step for each case, padding included
 */
export function progressReporter(output: Output, task: Task, flopsPerSample: number): ProgressReporter {
  if (!output.verbose) return { stop: () => {} };
  return process.stderr.isTTY ? bar(task, flopsPerSample) : lines(output, task, flopsPerSample);
}
