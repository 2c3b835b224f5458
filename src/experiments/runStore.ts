import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DamagedError } from '../files/damagedError.js';
import { makeFolder } from '../files/makeFolder.js';
import { openSealedJson, sealedJson } from '../files/sealedJson.js';
import { writeTogether } from '../files/writeTogether.js';
import { readModelJson } from '../training/modelJson.js';
import { readWeights } from '../training/readWeights.js';
import type { Arithmetic } from './arithmetic.js';
import type { RunConfig } from './runConfig.js';
import { runName } from './runPlan.js';
import type { RunResult } from './trainRun.js';

/** Who computed a run. */
export interface ComputedBy extends Arithmetic {
  /** Name of the machine. */
  host: string;
}

/** A finished run as its file holds it. */
export interface RunRecord extends RunResult {
  config: RunConfig;
  /** For runs that came from a queue. */
  computedBy?: ComputedBy;
}

/** What differs between configurations, for people: 'epochs was 3, now 40'. */
function differences(old: Partial<RunConfig>, now: RunConfig): string {
  return (Object.keys(now) as (keyof RunConfig)[])
    .filter((key) => !isDeepStrictEqual(old[key], now[key]))
    .map((key) => `${key} was ${old[key]}, now ${now[key]}`)
    .join('; ');
}

/** The finished runs in a folder: NAME.json and the model in NAME/ for each. */
export class RunStore {
  /** @param folder made with the first run */
  constructor(private readonly folder: string) {}

  /** Where the model of a run is. */
  modelFolder(config: RunConfig): string {
    return join(this.folder, runName(config));
  }

  private file(config: RunConfig): string {
    return `${this.modelFolder(config)}.json`;
  }

  /**
   * @returns the run, if it has been finished with an equal configuration; else why not, or '' if there is none at all
   * @throws the file system's errors, but for a file that does not exist
   */
  async find(config: RunConfig): Promise<RunRecord | string> {
    let found: Partial<RunRecord>;
    try {
      const file = this.file(config);
      const { value } = await openSealedJson(await readFile(file, 'utf8'), file, 'the record of a run');
      found = value;
      const folder = this.modelFolder(config);
      await readWeights(folder, (await readModelJson(folder)).weightsManifest);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      if (error instanceof DamagedError) return error.message;
      throw error;
    }
    if (isDeepStrictEqual(found.config, config)) return found as RunRecord;
    return `its settings differ (${differences(found.config ?? {}, config)})`;
  }

  /** Removes what an earlier run of the name left, and makes room for its model. */
  async clear(config: RunConfig): Promise<void> {
    await rm(this.file(config), { force: true });
    await rm(this.modelFolder(config), { recursive: true, force: true });
    await makeFolder(this.modelFolder(config));
  }

  /** Keeps a run whose model has been saved. */
  async keep(record: RunRecord): Promise<void> {
    await writeTogether(new Map([[this.file(record.config), await sealedJson(record, 2)]]));
  }
}
