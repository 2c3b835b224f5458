import type { FastifyError, FastifyInstance } from 'fastify';
import { errorBody, RequestError } from '../requestError.js';
import type { ServerContext } from './context.js';

const TYPE = 'application/json';

/** Every error has the protocol's body. What we did wrong is logged, and not told. */
export function errorRoutes(server: FastifyInstance, { log }: ServerContext): void {
  server.setErrorHandler((error: FastifyError | RequestError, request, reply) => {
    if (error instanceof RequestError) {
      if (error.status === 500) log.error({ url: request.url, reason: error.message }, 'request failed');
      return reply.code(error.status).headers(error.headers).type(TYPE).send(errorBody(error.message));
    }
    const { statusCode = 500 } = error;
    if (statusCode < 500) return reply.code(statusCode).type(TYPE).send(errorBody(error.message));
    log.error({ url: request.url, err: error }, 'request failed');
    return reply.code(500).type(TYPE).send(errorBody('the server has failed on this request; its log says why'));
  });

  server.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .type(TYPE)
      .send(errorBody(`${request.method} ${request.url} is not served; /openapi.json says what is`)),
  );
}
