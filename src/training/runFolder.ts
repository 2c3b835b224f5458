import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { CHECKSUMS, verifyChecked, writeChecked } from '../files/checksums.js';
import { DamagedError } from '../files/damagedError.js';
import { withFolderLock } from '../files/lock.js';
import { makeFolder } from '../files/makeFolder.js';
import { withPath } from '../files/withPath.js';
import { removeTemporaryFiles, writeTogether } from '../files/writeTogether.js';
import { readState, restoreCheckpoint, saveCheckpoint, type TrainingState } from './checkpoint.js';
import { bestEpoch } from './earlyStopping.js';
import { checkComplete, checkSame, type FolderConfig, readFolderConfig } from './folderConfig.js';
import { copyModel, WEIGHTS } from './folderHandler.js';
import { damagedLine } from './metricsLines.js';
import { MODEL, readModelJson } from './modelJson.js';
import type { Progress } from './progress.js';
import { readWeights } from './readWeights.js';
import { save } from './save.js';
import { nodeModule } from '../nodeModule.js';

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const lineOf = (epoch: Progress) => `${JSON.stringify(epoch)}\n`;

/** Name of the report. */
export const REPORT = 'report.html';

/** @returns where the last checkpoint of a run is */
export const lastCheckpoint = (path: string) => `${path}/checkpoints/last`;

/** @returns where the checkpoint before the last one is */
export const previousCheckpoint = (path: string) => `${path}/checkpoints/previous`;

/** @returns where the model of the best epoch of a run is, if it has a validation part */
export const bestCheckpoint = (path: string) => `${path}/checkpoints/best`;

/** The state of a checkpoint, if there is one and it is whole; how it is damaged, if it is. */
async function stateOrDamage(path: string): Promise<{ state?: TrainingState; damage?: DamagedError }> {
  try {
    return { state: await readState(path) };
  } catch (error) {
    if (error instanceof DamagedError) return { damage: error };
    throw error;
  }
}

/** How a run in a folder is opened. */
interface OpenOptions {
  /** Continue a run that is there. */
  resume: boolean;
  /** Number of training cases. */
  cases: number;
  /** Hears what was found damaged, and what is used instead. */
  onWarning: (text: string) => void;
}

/**
 * The folder of a run, for the process that has locked it. Node only.
 *
 *     config.json           all settings; SHA256SUMS has its checksum and the report's
 *     metrics.jsonl         a line of JSON for each epoch, see Progress
 *     checkpoints/last      model, optimizer and state after the last complete epoch, or where training was ended
 *     checkpoints/previous  the one before, which is used if the last one is damaged
 *     checkpoints/best      the model of the best epoch by the validation part
 *     report.html           by writeRunReport
 */
export class RunFolder {
  readonly last: string;
  readonly previous: string;
  readonly best: string;
  private readonly metrics: string;

  private constructor(
    readonly path: string,
    private readonly onWarning: OpenOptions['onWarning'],
  ) {
    this.last = lastCheckpoint(path);
    this.previous = previousCheckpoint(path);
    this.best = bestCheckpoint(path);
    this.metrics = `${path}/metrics.jsonl`;
  }

  /**
   * Does something in the folder of a run while nobody else may.
   *
   * @param path made if it does not exist
   * @param action what to do
   * @throws Error that names the process that has the folder; the file system's errors, if it cannot be written to
   */
  static async use<T>(path: string, action: () => Promise<T>): Promise<T> {
    await makeFolder(path);
    return withFolderLock(path, action);
  }

  /**
   * Begins a run in a folder, or resumes the one that is there.
   *
   * @param path of the folder, which the caller has locked; a run in it that is complete is replaced
   * @param config all that the run depends on, as plain values
   * @param options see OpenOptions
   * @returns the folder, and where the run stands
   * @throws Error if the folder holds a run that is not complete and is not to be resumed, or was begun with other
   *   settings; DamagedError if a file that is needed is damaged, and nothing can take its place
   */
  static async open(
    path: string,
    config: FolderConfig,
    { resume, cases, onWarning }: OpenOptions,
  ): Promise<{ folder: RunFolder; state: TrainingState | undefined }> {
    const folder = new RunFolder(path, onWarning);
    for (const place of [path, folder.last, folder.previous, folder.best]) await removeTemporaryFiles(place);
    const found = await folder.find();
    let state: TrainingState | undefined;
    if (found && resume) {
      const stored = await folder.config();
      state = { ...found, seed: found.seed ?? stored.seed }; // earlier versions had the seed in config.json alone
      checkSame(path, config, stored, state.history.length);
      if (state.cases !== cases) {
        throw new Error(
          `${path}: the training part has ${cases} cases; it must have ${state.cases}, as when the run began`,
        );
      }
      await folder.checkBest(state, config);
      await folder.checkReport();
    } else {
      if (found) checkComplete(path, await folder.config(), found);
      await folder.clear();
    }
    await folder.begin(config, state?.history ?? []);
    return { folder, state };
  }

  /** Gives model and optimizer what the last checkpoint holds. */
  restoreLast(model: LayersModel, optimizer: tf.Optimizer): Promise<void> {
    return restoreCheckpoint(this.last, model, optimizer);
  }

  /** Gives the model the weights of the best epoch. */
  restoreBest(model: LayersModel): Promise<void> {
    return restoreCheckpoint(this.best, model);
  }

  /**
   * Keeps the model at the end of an epoch, or between two batches, and the checkpoint before it.
   *
   * @param model the model
   * @param optimizer what trains it
   * @param state where the run stands; its last epoch gets its line in metrics.jsonl, if no other is under way
   * @param isBest whether no epoch before was as good
   * @throws Error that says which checkpoint stays, if the new one cannot be written
   */
  async keep(model: LayersModel, optimizer: tf.Optimizer, state: TrainingState, isBest: boolean): Promise<void> {
    const { history, current } = state;
    const epoch = current?.epoch ?? history.length;
    try {
      if (isBest) await save(model, this.best);
      await this.keepPrevious();
      await saveCheckpoint(this.last, model, optimizer, state);
      if (!current) await this.append(lineOf(history[history.length - 1]));
    } catch (error) {
      const reason = (error as Error).message;
      throw new Error(`${this.path}: epoch ${epoch} could not be saved; what was saved before stays: ${reason}`, {
        cause: error,
      });
    }
  }

  /** Where the run stands by its last checkpoint, or by the one before, which takes the place of one that is damaged. */
  private async find(): Promise<TrainingState | undefined> {
    const { state: last, damage } = await stateOrDamage(this.last);
    if (last) return last;
    const { state } = await stateOrDamage(this.previous);
    if (!state) {
      if (damage) throw damage;
      return undefined;
    }
    await copyModel(this.previous, this.last);
    const reason = damage?.message ?? `${this.last}: damaged: there is no ${MODEL}`;
    this.onWarning(`${reason}; the checkpoint before it is used instead, after ${state.history.length} epochs`);
    return state;
  }

  private async config(): Promise<FolderConfig> {
    const config = await readFolderConfig(this.path);
    if (config) return config;
    throw new Error(`${this.path}: holds a checkpoint without config.json; it must have both, or none`);
  }

  /** @throws DamagedError now, and not after hours of training, if the best epoch's model will be needed and is damaged */
  private async checkBest({ history }: TrainingState, { monitor }: FolderConfig): Promise<void> {
    if (!bestEpoch(history, monitor)) return;
    try {
      await readWeights(this.best, (await readModelJson(this.best)).weightsManifest);
    } catch (error) {
      if (bestEpoch(history, monitor) !== history.at(-1)) throw error;
      await copyModel(this.last, this.best);
      this.onWarning(`${(error as Error).message}; the best epoch is the last one, whose checkpoint is used instead`);
    }
  }

  /** A damaged report is no reason to stop, but to say so. */
  private async checkReport(): Promise<void> {
    try {
      await verifyChecked(this.path, REPORT, false);
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      this.onWarning(`${error.message}; the report has to be written again`);
    }
  }

  /** Writes config.json, and metrics.jsonl as the checkpoint has it: a process may have ended between the two. */
  private async begin(config: FolderConfig, history: readonly Progress[]): Promise<void> {
    await writeChecked(this.path, 'config.json', json(config));
    const lines = history.map(lineOf);
    const damaged = await damagedLine(this.metrics, lines);
    if (damaged !== undefined) {
      this.onWarning(`${this.metrics}:${damaged}: damaged; the file is written again from the checkpoint`);
    }
    await writeTogether(new Map([[this.metrics, lines.join('')]]));
  }

  /** Copies the last checkpoint to where the one before is; one that is damaged stays out of there. */
  private async keepPrevious(): Promise<void> {
    try {
      await copyModel(this.last, this.previous);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // the first one
      if (!(error instanceof DamagedError)) throw error;
      this.onWarning(`${error.message}; it is replaced`);
    }
  }

  /** Removes what an earlier run left; other files stay. */
  private async clear(): Promise<void> {
    const { rm } = await nodeModule('node:fs/promises');
    const own = [MODEL, ...WEIGHTS, CHECKSUMS, 'checkpoints', 'metrics.jsonl', REPORT];
    for (const name of own) await rm(`${this.path}/${name}`, { recursive: true, force: true });
  }

  private async append(line: string): Promise<void> {
    const { open } = await nodeModule('node:fs/promises');
    const file = await open(this.metrics, 'a');
    try {
      await file.writeFile(line);
      await file.sync();
    } catch (error) {
      throw withPath(error as NodeJS.ErrnoException, this.metrics);
    } finally {
      await file.close();
    }
  }
}
