// The protocol's extension for the models that a server holds.

import type { FastifyInstance } from 'fastify';
import { loadModel } from '../models/loadModel.js';
import { RequestError } from '../requestError.js';
import type { ServerContext } from './context.js';

export function repositoryRoutes(server: FastifyInstance, context: ServerContext): void {
  const { repository, log } = context;

  server.post('/v2/repository/index', () =>
    repository.list().flatMap(({ name, versions, failure = '' }) => {
      if (versions.length === 0) return [{ name, state: 'UNAVAILABLE', reason: failure || 'unloaded' }];
      return versions.map(({ version }) => ({ name, version, state: 'READY', reason: failure }));
    }),
  );

  server.post<{ Params: { name: string } }>('/v2/repository/models/:name/load', async ({ params: { name } }) => {
    try {
      return { name, versions: await loadModel(context, name) };
    } catch (error) {
      if (error instanceof RequestError) throw error;
      const { message } = error as Error;
      throw new RequestError(400, `the model '${name}' was not loaded, and what was served before stays: ${message}`);
    }
  });

  server.post<{ Params: { name: string } }>('/v2/repository/models/:name/unload', async ({ params: { name } }) => {
    await repository.unload(name);
    log.info({ model: name }, 'model unloaded');
    return { name };
  });
}
