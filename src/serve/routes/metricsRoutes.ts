import type { FastifyInstance } from 'fastify';
import type { ServerContext } from './context.js';

export function metricsRoutes(server: FastifyInstance, { metrics }: ServerContext): void {
  server.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}
