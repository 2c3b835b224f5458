import type { FastifyInstance } from 'fastify';
import { badRequest } from '../requestError.js';
import { bodyOf, modelOf } from './bodies.js';
import type { ServerContext } from './context.js';

/** Where a model attends: a case as the page shows it, with the picture of its attention. */
export function mapRoutes(server: FastifyInstance, { repository, maps }: ServerContext): void {
  server.post<{ Querystring: { model?: string; case?: string } }>('/attention', (request) => {
    const { model, case: number = '1' } = request.query;
    if (!/^[1-9]\d{0,8}$/.test(number)) throw badRequest(`?case= was '${number}'; it must be a number from 1 on`);
    return maps.map(modelOf(repository, model), { ...bodyOf(request), index: Number(number) - 1 });
  });
}
