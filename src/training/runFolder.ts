import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { readState, restoreCheckpoint, saveCheckpoint, type TrainingState } from './checkpoint.js';
import { checkComplete, checkSame, type FolderConfig, readFolderConfig } from './folderConfig.js';
import type { Progress } from './progress.js';
import { save } from './save.js';
import { writeTogether } from '../files/writeTogether.js';

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const lineOf = (epoch: Progress) => `${JSON.stringify(epoch)}\n`;

/** @returns where the last checkpoint of a run is */
export const lastCheckpoint = (path: string) => `${path}/checkpoints/last`;

/** @returns where the model of the best epoch of a run is, if it has a validation part */
export const bestCheckpoint = (path: string) => `${path}/checkpoints/best`;

/**
 * The folder of a run. Node only.
 *
 *     config.json          all settings
 *     metrics.jsonl        a line of JSON for each epoch, see Progress
 *     checkpoints/last     model, optimizer and state after the last complete epoch, or where training was ended
 *     checkpoints/best     the model of the best epoch by the validation part
 *     report.html          by writeRunReport
 */
export class RunFolder {
  readonly last: string;
  readonly best: string;
  private readonly metrics: string;

  private constructor(readonly path: string) {
    this.last = lastCheckpoint(path);
    this.best = bestCheckpoint(path);
    this.metrics = `${path}/metrics.jsonl`;
  }

  /**
   * Begins a run in a folder, or resumes the one that is there.
   *
   * @param path made if it does not exist; a run in it that is complete is replaced
   * @param config all that the run depends on, as plain values
   * @param options resume: continue a run in the folder; cases: number of training cases
   * @returns the folder, and where the run stands
   * @throws Error if the folder holds a run that is not complete and is not to be resumed, or was begun with other settings
   */
  static async open(
    path: string,
    config: FolderConfig,
    { resume, cases }: { resume: boolean; cases: number },
  ): Promise<{ folder: RunFolder; state: TrainingState | undefined }> {
    const { mkdir } = await import('node:fs/promises');
    await mkdir(path, { recursive: true });
    const folder = new RunFolder(path);
    const found = await readState(folder.last);
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
    } else {
      if (found) checkComplete(path, await folder.config(), found);
      await folder.clear();
    }
    const lines = state?.history.map(lineOf).join('') ?? '';
    await writeTogether(
      new Map([
        [`${path}/config.json`, json(config)],
        [folder.metrics, lines],
      ]),
    );
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
   * Keeps the model at the end of an epoch, or between two batches.
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
      await saveCheckpoint(this.last, model, optimizer, state);
      if (!current) await this.append(lineOf(history[history.length - 1]));
    } catch (error) {
      const reason = (error as Error).message;
      throw new Error(`${this.path}: epoch ${epoch} could not be saved; what was saved before stays: ${reason}`, {
        cause: error,
      });
    }
  }

  private async config(): Promise<FolderConfig> {
    const config = await readFolderConfig(this.path);
    if (config) return config;
    throw new Error(`${this.path}: holds a checkpoint without config.json; it must have both, or none`);
  }

  /** Removes what an earlier run left; other files stay. */
  private async clear(): Promise<void> {
    const { rm } = await import('node:fs/promises');
    const own = ['model.json', 'weights.bin', 'weights.2.bin', 'checkpoints', 'metrics.jsonl', 'report.html'];
    for (const name of own) await rm(`${this.path}/${name}`, { recursive: true, force: true });
  }

  private async append(line: string): Promise<void> {
    const { open } = await import('node:fs/promises');
    const file = await open(this.metrics, 'a');
    try {
      await file.writeFile(line);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}
