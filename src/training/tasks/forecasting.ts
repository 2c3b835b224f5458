import type { ForecastTargets } from '../../data/numberTargets.js';
import type { ForecastEvaluation } from '../evaluation.js';
import { checkFutures } from '../../data/checkTargets.js';
import type { Cases } from '../../data/labelledData.js';
import { forecastBaselines } from '../baselines/forecastBaselines.js';
import { meanSquaredError } from '../meanSquaredError.js';
import { numbersObjective } from './numbersObjective.js';
import { forecastReport } from './forecastReport.js';
import { forecastEvaluationText, forecastPredictionText } from './forecastText.js';
import type { Task } from './task.js';

/** What data to forecast has, of whatever kind it says it is. */
type Forecast = ForecastTargets & { channels: number; channelNames?: string[]; lengths: number[] };
const of = (data: Cases) => data as Cases & Forecast;

const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 1;

/** What follows on each case, in the scale of its standardised numbers: the model gives it, [B, horizon, channels]. */
export const forecasting: Task<ForecastEvaluation> = {
  name: 'forecasting',
  knownBy: 'futures',
  trainingScores: ['loss'],
  validationScores: ['loss', 'mse', 'mae'],
  monitors: ['mse', 'mae', 'loss'],
  lossOptions: [],
  compileArgs: { loss: meanSquaredError },

  checkOutputs(owner, model, data) {
    const [, ...sizes] = model.outputs[0].shape;
    const numbers = sizes.reduce<number>((product, size) => product * (size ?? NaN), 1);
    const wanted = of(data).futures?.[0]?.length;
    if (wanted === undefined || numbers === wanted) return;
    throw new Error(
      `${owner}: the model's output was [B, ${sizes.join(', ')}]; it must be of ${wanted} numbers, those that follow on a case`,
    );
  },

  checkTargets: checkFutures,
  split: () => {
    throw new Error('train: windows to forecast have a validation part of their own; none must be split off');
  },
  metadata(train) {
    const { lengths, horizon, split } = of(train);
    const forecast = { length: lengths[0], horizon: horizon!, ...(split && { split }) };
    return { task: 'forecasting', classNames: [], forecast };
  },
  metadataFault: ({ forecast }) =>
    forecast && isCount(forecast.length) && isCount(forecast.horizon) ? undefined : ['forecast', 'length and horizon'],
  scaled: (data) => data,
  objective: numbersObjective,

  evaluate(outputs, data) {
    const { futures, channelNames = [], channels } = of(data);
    const horizon = futures![0].length / channels;
    const [squares, sizes] = [new Float64Array(horizon * channels), new Float64Array(horizon * channels)];
    outputs.forEach((output, index) => {
      const right = futures![index];
      for (let i = 0; i < right.length; i++) {
        const error = output[i] - right[i];
        squares[i] += error * error;
        sizes[i] += Math.abs(error);
      }
    });
    const cases = outputs.length;
    /** Of the places of a step or a channel. */
    const over = (includes: (place: number) => boolean) => {
      let [mse, mae, count] = [0, 0, 0];
      squares.forEach((square, place) => {
        if (!includes(place)) return;
        mse += square / cases;
        mae += sizes[place] / cases;
        count++;
      });
      return { mse: mse / count, mae: mae / count };
    };
    const { mse, mae } = over(() => true);
    return {
      ...{ loss: mse, mse, mae },
      steps: Array.from({ length: horizon }, (_, step) => over((place) => Math.floor(place / channels) === step)),
      channels: Array.from({ length: channels }, (_, channel) => ({
        name: channelNames[channel] ?? `channel ${channel + 1}`,
        ...over((place) => place % channels === channel),
      })),
    };
  },

  baselines: ({ train, validation, test }) => forecastBaselines(train, validation, test),
  describe(data) {
    const { lengths, horizon } = of(data);
    return `windows of ${lengths[0]} rows, each with the ${horizon} that follow`;
  },
  describeCase: (_, index) => `from row ${index + 1} of the part and those before it`,
  testDocument({ last, best }) {
    const scoresIn = ({ mse, mae }: ForecastEvaluation) => ({ mse, mae });
    return { testScores: { last: scoresIn(last), ...(best && { validation: scoresIn(best) }) } };
  },
  evaluationText: forecastEvaluationText,
  predictionText: forecastPredictionText,
  reportPart: forecastReport,
};
