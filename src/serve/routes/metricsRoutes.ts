import type { FastifyInstance } from 'fastify';
import { openApi } from '../openApi.js';
import type { ServerContext } from './context.js';

export function metricsRoutes(server: FastifyInstance, { metrics, version }: ServerContext): void {
  const document = openApi(version);
  server.get('/openapi.json', () => document);

  server.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}
