import { randomSplit } from '../../data/split.js';
import { targetStatistics } from '../../data/numberTargets.js';
import { checkTargets } from '../../data/checkTargets.js';
import { regressionBaselines } from '../baselines/regressionBaselines.js';
import type { RegressionEvaluation } from '../evaluation.js';
import { meanSquaredError } from '../meanSquaredError.js';
import { regressionScores } from '../regressionScores.js';
import { scores } from '../scores.js';
import { numbersObjective } from './numbersObjective.js';
import { regressionReport } from './regressionReport.js';
import { regressionEvaluationText, regressionPredictionText } from './regressionText.js';
import type { Task } from './task.js';

const isStatistics = ({ mean, deviation }: { mean?: unknown; deviation?: unknown }) =>
  Number.isFinite(mean) && Number.isFinite(deviation) && (deviation as number) > 0;

/** A number for each case, of any units: the model gives it standardised, [B, 1]. */
export const regression: Task<RegressionEvaluation> = {
  name: 'regression',
  knownBy: 'targets',
  trainingScores: ['loss'],
  validationScores: ['loss', 'rmse', 'mae', 'r2'],
  monitors: ['rmse', 'mae', 'r2', 'loss'],
  lossOptions: [],
  compileArgs: { loss: meanSquaredError },

  checkOutputs(owner, model) {
    const numbers = model.outputs[0].shape.at(-1);
    if (numbers === 1) return;
    throw new Error(`${owner}: the model's output was [B, ${numbers}]; it must be [B, 1], a number for each case`);
  },

  checkTargets,
  split: randomSplit,
  metadata({ targets, targetName }) {
    const name = targetName !== undefined && { name: targetName };
    return { task: 'regression', classNames: [], target: { ...name, ...targetStatistics(targets!) } };
  },
  metadataFault: ({ target }) =>
    target && isStatistics(target) ? undefined : ['target', 'mean and deviation of the numbers to give'],
  scaled: (data, { target }) => ({ ...data, targetStatistics: { mean: target!.mean, deviation: target!.deviation } }),
  objective: numbersObjective,

  evaluate(outputs, { targets: all, targetStatistics: scale = { mean: 0, deviation: 1 } }) {
    const targets = all!;
    const predicted = outputs.map(([output]) => scale.mean + scale.deviation * output);
    const { mse, ...found } = regressionScores(targets, predicted);
    return { loss: mse / scale.deviation ** 2, ...found, predicted, targets };
  },

  baselines: ({ train, test }) => regressionBaselines(train, test),
  describe({ targets, targetName = 'target' }) {
    const [low, high] = [Math.min, Math.max].map((extreme) => targets!.reduce((a, b) => extreme(a, b)));
    return `${targetName} from ${scores.mae.format(low)} to ${scores.mae.format(high)}`;
  },
  describeCase: ({ targets, targetName = 'target' }, index) => `${targetName} ${scores.mae.format(targets![index])}`,
  testDocument({ last, best }) {
    const scoresIn = ({ rmse, mae, r2 }: RegressionEvaluation) => ({ rmse, mae, r2 });
    return { testScores: { last: scoresIn(last), ...(best && { validation: scoresIn(best) }) } };
  },
  evaluationText: regressionEvaluationText,
  predictionText: regressionPredictionText,
  reportPart: regressionReport,
};
