import type { FastifyInstance } from 'fastify';
import { badRequest } from '../requestError.js';
import { bodyOf, modelOf } from './bodies.js';
import type { ServerContext } from './context.js';

/** Where a model attends: a case as the page shows it, with the picture of its attention. */
export function mapRoutes(server: FastifyInstance, { repository, maps }: ServerContext): void {
  server.post<{ Querystring: { model?: string; case?: string } }>('/attention', (request) => {
    const { model, case: index = '0' } = request.query;
    if (!/^\d{1,9}$/.test(index)) throw badRequest(`?case= was '${index}'; it must be a number, counted from 0`);
    return maps.map(modelOf(repository, model), { ...bodyOf(request), index: Number(index) });
  });
}
