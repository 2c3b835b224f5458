import { access, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { writeTogether } from '../files/writeTogether.js';
import type { RunConfig } from './runConfig.js';
import { runName } from './runPlan.js';
import type { RunResult } from './trainRun.js';

/** A finished run as its file holds it. */
export interface RunRecord extends RunResult {
  config: RunConfig;
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
    let text: string;
    try {
      text = await readFile(this.file(config), 'utf8');
      await access(join(this.modelFolder(config), 'model.json'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
    let found: Partial<RunRecord>;
    try {
      found = JSON.parse(text) as Partial<RunRecord>;
    } catch (error) {
      return `its file is damaged: ${(error as Error).message}`;
    }
    if (isDeepStrictEqual(found.config, config)) return found as RunRecord;
    return `its settings differ (${differences(found.config ?? {}, config)})`;
  }

  /** Removes what an earlier run of the name left, and makes room for its model. */
  async clear(config: RunConfig): Promise<void> {
    await rm(this.file(config), { force: true });
    await rm(this.modelFolder(config), { recursive: true, force: true });
    await mkdir(this.modelFolder(config), { recursive: true });
  }

  /** Keeps a run whose model has been saved. */
  async keep(record: RunRecord): Promise<void> {
    await writeTogether(new Map([[this.file(record.config), `${JSON.stringify(record, null, 2)}\n`]]));
  }
}
