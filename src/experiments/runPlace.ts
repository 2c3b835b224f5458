import type { ForecastOptions } from '../data/forecast/loadForecast.js';
import type { ReadOptions } from '../data/readOptions.js';
import type { Dataset } from '../data/labelledData.js';
import type { RunConfig } from './runConfig.js';
import type { ComputedBy } from './runStore.js';
import type { RunProgress, RunResult } from './trainRun.js';

/** A data set, and where processes of this machine find it. */
export interface Source {
  dataset: Dataset;
  /** Its name or path, for loadDataset. */
  source: string;
  /** How its tables are read. */
  read?: ReadOptions;
  /** How it is cut into windows to forecast, if it is. */
  forecast?: ForecastOptions;
}

/** A process that computes a run. */
export interface Whereabouts {
  pid: number;
  /** Its machine, if that may be another one. */
  host?: string;
}

/** A run that is to be computed. */
export interface PlannedRun {
  source: Source;
  config: RunConfig;
  /** Where its model is to be saved; it exists and is empty. */
  folder: string;
}

/** Who hears how a run is going. */
export interface RunFollowers {
  /** Gives the run up. */
  signal?: AbortSignal;
  /** A process has begun with it; again where another one takes over. */
  onStart: (where: Whereabouts) => void;
  onProgress: (progress: RunProgress) => void;
}

/** A run that has been computed; its model is in its folder. */
export interface ComputedRun {
  result: RunResult;
  /** Who computed it, where that need not be this machine. */
  computedBy?: ComputedBy;
  /** To be called when the result is safe on the disk. */
  release?: () => Promise<void>;
}

/** Where the runs of a comparison are computed. */
export interface RunPlace {
  /**
   * @param runs how many are to be computed
   * @returns how many of them should be given to `compute` at a time, and by whom they are computed, for people. `compute`
   *   throws Error if the run fails; the signal's reason, if it was aborted
   */
  prepare: (runs: number) => {
    atOnce: number;
    places: string;
    compute: (run: PlannedRun, followers: RunFollowers) => Promise<ComputedRun>;
  };
}
