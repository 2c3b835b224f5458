import type { Logger } from 'pino';
import { RequestError } from '../requestError.js';
import type { ModelRepository } from './modelRepository.js';

/**
 * Loads what a model's folder holds now, and logs what has come of it.
 *
 * @returns its versions
 * @throws RequestError if there is no such model; Error if it cannot be loaded, and what was served before stays
 */
export async function loadModel(
  { repository, log }: { repository: ModelRepository; log: Logger },
  name: string,
): Promise<string[]> {
  try {
    const versions = (await repository.load(name)).map(({ version }) => version);
    log.info({ model: name, versions }, 'model loaded');
    return versions;
  } catch (error) {
    if (!(error instanceof RequestError)) {
      log.error({ model: name, reason: (error as Error).message }, 'model not loaded');
    }
    throw error;
  }
}
