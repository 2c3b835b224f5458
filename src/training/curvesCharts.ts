import { epochAxis, look, shareScale, toSvg } from '../report/svg.js';
import type { Progress, TrainingScore } from './progress.js';
import { scores, scoresOf } from './scores.js';

const TRAINING = '#0072B2';
const VALIDATION = '#E69F00';
const PARTS = ['training', 'validation'];
const PANEL = { width: 420, height: 220 };

/**
 * Scores over the epochs, each in a chart of its own, of the training and, where there is one, the validation part.
 *
 * @param history complete epochs, one or more
 * @param names the scores, in order
 * @returns a chart for each score
 */
export function curvesCharts(history: readonly Progress[], names: readonly (keyof TrainingScore)[]): Promise<string[]> {
  const shown = (from: TrainingScore) => scoresOf(names, (name) => from[name]!);
  const values = history.flatMap((progress) => {
    const { epoch, validation } = progress;
    return [
      { epoch, part: 'training', ...shown(progress) },
      ...(validation ? [{ epoch, part: 'validation', ...shown(validation) }] : []),
    ];
  });
  const isAlone = values.every(({ part }) => part === 'training');
  const chart = (name: keyof TrainingScore) => ({
    ...PANEL,
    data: { values },
    mark: { type: 'line', point: history.length < 2 },
    encoding: {
      x: epochAxis(history[0].epoch, history[history.length - 1].epoch),
      y: {
        field: name,
        type: 'quantitative',
        title: scores[name].title,
        scale: scores[name].axis.zero ? { zero: true } : shareScale(values.map((value) => value[name])),
        axis: { format: scores[name].axis.format },
      },
      color: {
        field: 'part',
        type: 'nominal',
        scale: isAlone ? { domain: ['training'], range: [TRAINING] } : { domain: PARTS, range: [TRAINING, VALIDATION] },
        legend: isAlone ? null : { title: null, orient: 'top' },
      },
    },
    config: { ...look },
  });
  return Promise.all(names.map((name) => toSvg(chart(name))));
}
