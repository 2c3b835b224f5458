import { RequestError } from '../requestError.js';
import type { ModelDescription, ModelTask } from '../worker/messages.js';
import { findVersions, type ModelSource, readModelFiles } from './modelFiles.js';

/** A model of the server: its name, and the folder that holds it or its versions. */
export interface ModelPlace {
  name: string;
  folder: string;
}

/** A version that requests can be sent to. */
export interface ModelVersion {
  /** See ModelTask. */
  key: number;
  name: string;
  version: string;
  description: ModelDescription;
  source: ModelSource;
  /** Requests that are queued or computed. */
  pending: number;
  /** No request is sent to it any more: it goes when none is pending. */
  retired: boolean;
}

/** What computes: the pool of threads. */
interface ModelLoader {
  load(task: ModelTask): Promise<ModelDescription>;
  unload(key: number): void;
}

/** How models are computed. */
export type ModelSettings = Pick<ModelTask, 'batchSize' | 'precision'>;

interface Entry extends ModelPlace {
  /** From the lowest to the highest; none while the model is unloaded. */
  versions: ModelVersion[];
  /** Why it could not be loaded the last time. */
  failure?: string;
}

/** The models of the server, each with its versions. */
export class ModelRepository {
  private readonly entries: ReadonlyMap<string, Entry>;
  private lastKey = 0;
  /** Loads come one after the other. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    places: readonly ModelPlace[],
    private readonly loader: ModelLoader,
    private readonly settings: ModelSettings,
  ) {
    this.entries = new Map(places.map((place) => [place.name, { ...place, versions: [] }]));
  }

  /** All names. */
  get names(): string[] {
    return [...this.entries.keys()];
  }

  /** Whether all models have a version that can be used. */
  get isReady(): boolean {
    return [...this.entries.values()].every(({ versions }) => versions.length > 0);
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry) return entry;
    throw new RequestError(404, `the model was '${name}'; it must be one of ${this.names.join(', ')}`);
  }

  /**
   * The versions of a model, from the lowest to the highest.
   *
   * @throws RequestError if there is no such model, or it is not loaded
   */
  versions(name: string): readonly ModelVersion[] {
    const { versions, failure } = this.entry(name);
    if (versions.length > 0) return versions;
    throw new RequestError(503, `the model '${name}' is not loaded${failure ? `: ${failure}` : ''}`);
  }

  /** All models with their versions, whether loaded or not. */
  list(): readonly Readonly<Entry>[] {
    return [...this.entries.values()];
  }

  /**
   * @param version default: the highest
   * @throws RequestError if there is no such model or version
   */
  find(name: string, version?: string): ModelVersion {
    const versions = this.versions(name);
    const found = version === undefined ? versions.at(-1) : versions.find((one) => one.version === version);
    if (found) return found;
    const known = versions.map((one) => one.version).join(', ');
    throw new RequestError(404, `the version of '${name}' was '${version}'; it must be one of ${known}`);
  }

  /** Does `work` when all that came before is done. */
  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  /**
   * Loads what a model's folder holds now. Only when all of it is ready do requests go there; those that are under way
   * are answered by what they were sent to.
   *
   * @throws RequestError if there is no such model; Error if it cannot be loaded, and what was served before stays
   */
  load(name: string): Promise<readonly ModelVersion[]> {
    const entry = this.entry(name);
    return this.inTurn(async () => {
      const fresh: ModelVersion[] = [];
      try {
        for (const { version, folder } of await findVersions(entry.folder)) {
          const [key, source] = [++this.lastKey, await readModelFiles(folder)];
          const description = await this.loader.load({ key, name, version, source, ...this.settings });
          fresh.push({ key, name, version, description, source, pending: 0, retired: false });
        }
      } catch (error) {
        for (const { key } of fresh) this.loader.unload(key);
        entry.failure = (error as Error).message;
        throw error;
      }
      this.replace(entry, fresh);
      return fresh;
    });
  }

  /** Takes a model out of service, until it is loaded again. */
  unload(name: string): Promise<void> {
    const entry = this.entry(name);
    return this.inTurn(() => {
      this.replace(entry, []);
      return Promise.resolve();
    });
  }

  private replace(entry: Entry, versions: ModelVersion[]): void {
    const old = entry.versions;
    entry.versions = versions;
    delete entry.failure;
    for (const version of old) {
      version.retired = true;
      this.dropUnused(version);
    }
  }

  private dropUnused({ key, retired, pending }: ModelVersion): void {
    if (retired && pending === 0) this.loader.unload(key);
  }

  /** A request is sent to a version: it stays until it is released. */
  hold(version: ModelVersion): void {
    version.pending++;
  }

  release(version: ModelVersion): void {
    version.pending--;
    this.dropUnused(version);
  }
}
