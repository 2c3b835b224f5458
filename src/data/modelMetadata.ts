import type { ForecastSplit } from './forecast/forecastSplits.js';
import type { ChannelStatistics, DataKind } from './labelledData.js';
import type { Reading } from './readOptions.js';
import type { TargetStatistics } from './numberTargets.js';

/** What models are trained to do. */
export type TaskName = 'classification' | 'regression' | 'forecasting';

/** What a model must keep of its task, to say what its outputs are. */
export interface TaskMetadata {
  /** Default: 'classification'. */
  task?: TaskName;
  /** Names of the classes, in order; none where the model gives numbers. */
  classNames: string[];
  /** Of a regressor: name, mean and deviation of its targets; outputs are (target - mean) / deviation. */
  target?: TargetStatistics & { name?: string };
  /** Of a forecaster: positions that it is given and forecasts. */
  forecast?: { length: number; horizon: number; split?: ForecastSplit };
}

/** What a trained model needs besides its weights. It travels in model.json. */
export interface ModelMetadata extends TaskMetadata {
  /** Name of the data set. */
  data: string;
  /** Form of attention, as the command line names it. */
  form: string;
  /** What its cases are. */
  kind: DataKind;
  /** Of the training part: new series or images are standardised with them. null for tokens. */
  statistics: ChannelStatistics | null;
  /** Names of the tokens, in order; only for tokens. */
  vocabulary?: string[];
  /** Names of the channels, in order; only for series whose files name them. */
  channelNames?: string[];
  /** How the table was read; only for series of tables. */
  reading?: Reading;
}
