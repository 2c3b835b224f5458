import { look, toSvg } from '../report/svg.js';
import type { Progress, TrainingScore } from './progress.js';
import { scores, scoresOf } from './scores.js';

const TRAINING = '#0072B2';
const VALIDATION = '#E69F00';
const PANEL = { width: 420, height: 220 };

/**
 * Scores over the epochs, each in a panel of its own, of the training and, where there is one, the validation part.
 *
 * @param history complete epochs
 * @param names the scores, from left to right
 */
export function curvesChart(history: readonly Progress[], names: readonly (keyof TrainingScore)[]): Promise<string> {
  const shown = (from: TrainingScore) => scoresOf(names, (name) => from[name]!);
  const values = history.flatMap((progress) => {
    const { epoch, validation } = progress;
    return [
      { epoch, part: 'training', ...shown(progress) },
      ...(validation ? [{ epoch, part: 'validation', ...shown(validation) }] : []),
    ];
  });
  const panel = (name: keyof TrainingScore) => ({
    ...PANEL,
    mark: { type: 'line', point: history.length < 2 },
    encoding: {
      x: { field: 'epoch', type: 'quantitative', scale: { nice: false }, axis: { grid: false, tickMinStep: 1 } },
      y: {
        field: name,
        type: 'quantitative',
        title: scores[name].title,
        scale: { zero: scores[name].axis.zero },
        axis: { format: scores[name].axis.format },
      },
      color: {
        field: 'part',
        type: 'nominal',
        scale: { domain: ['training', 'validation'], range: [TRAINING, VALIDATION] },
        legend: { title: null, orient: 'top' },
      },
    },
  });
  return toSvg({ data: { values }, hconcat: names.map(panel), config: { ...look } });
}
