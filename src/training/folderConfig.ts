import * as tf from '@tensorflow/tfjs-core';
import { pickProperties } from '../pickProperties.js';
import { verifyChecked } from '../files/checksums.js';
import { parseJson } from '../files/parseJson.js';
import type { TrainingState } from './checkpoint.js';
import { hasStalled } from './earlyStopping.js';
import type { FitSettings } from './fitOptions.js';
import type { Monitor } from './isBetter.js';
import { isTaken } from './optionTable.js';
import { trainingOptionNames, trainingOptions } from './trainingOptions.js';
import { nodeModule } from '../nodeModule.js';

/** What config.json holds: fit's settings, and what the caller adds. */
export type FolderConfig = Record<string, unknown> & {
  epochs: number;
  seed: number;
  monitor: Monitor;
  patience?: number;
};

/**
 * All that a run depends on, as plain values.
 *
 * @param settings those of fit; what the caller adds comes first
 */
export function folderConfig({ config, ...settings }: FitSettings & { monitor: Monitor }): FolderConfig {
  const { optimizer: chosen } = settings;
  const optimizer = chosen instanceof tf.Optimizer ? { name: chosen.getClassName(), ...chosen.getConfig() } : chosen;
  const { seed = settings.seed, ...others } = (config ?? {}) as Partial<FolderConfig>;
  const taken = trainingOptionNames.filter((name) => isTaken(trainingOptions[name], chosen));
  return { ...others, ...pickProperties({ ...settings, optimizer, seed }, taken) };
}

/**
 * @param path folder of a run
 * @returns its config.json; undefined if there is none
 * @throws DamagedError if it is not what was written; Error with the path, if it is no JSON; the file system's errors
 */
export async function readFolderConfig(path: string): Promise<FolderConfig | undefined> {
  const { readFile } = await nodeModule('node:fs/promises');
  const text = await readFile(`${path}/config.json`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  await verifyChecked(path, 'config.json');
  try {
    return parseJson(text) as FolderConfig;
  } catch (error) {
    throw new Error(`${path}/config.json: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws Error if something of a run is left to do */
export function checkComplete(
  path: string,
  { epochs, monitor, patience }: FolderConfig,
  { history }: TrainingState,
): void {
  if (history.length >= epochs || hasStalled(history, monitor, patience)) return;
  const place = `epoch ${history.length} of ${epochs}`;
  throw new Error(`${path}: holds a run that ended after ${place}; resume it, or choose another folder`);
}

/** @throws Error unless a run that is resumed has the settings it had; it may have more epochs, and its data elsewhere */
export function checkSame(path: string, config: FolderConfig, stored: FolderConfig, done: number): void {
  const now = JSON.parse(JSON.stringify(config)) as FolderConfig; // as a file would have it
  for (const key of new Set([...Object.keys(stored), ...Object.keys(now)])) {
    const [was, is] = [JSON.stringify(stored[key]), JSON.stringify(now[key])];
    if (key === 'epochs' || key === 'data' || was === is) continue;
    throw new Error(`${path}: ${key} was ${is ?? 'not given'}; it must be ${was ?? 'left out'}, as when the run began`);
  }
  if (config.epochs < done) {
    throw new Error(`${path}: epochs was ${config.epochs}; it must be at least ${done}, the epochs that are done`);
  }
}
