import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorBody, RequestError } from '../requestError.js';
import type { ServerContext } from './context.js';

const TYPE = 'application/json';

/** What Fastify says in few words, in ours. */
const words: Readonly<Record<string, (request: FastifyRequest) => string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ({ server }) =>
    `the body had more than ${server.initialConfig.bodyLimit} bytes, which is the limit of the server`,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ({ headers }) =>
    `content-type was '${headers['content-type']}'; it must be the type of the body, as application/json`,
  FST_ERR_BAD_URL: ({ raw }) => `the address ${raw.url} is none; what stands behind a % must be a character in UTF-8`,
};

/** Answers what Fastify refuses. */
export function refuse(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode = 500, code, message } = error;
  void reply
    .code(statusCode)
    .type(TYPE)
    .send(errorBody(words[code]?.(request) ?? message));
}

/** Every error has the protocol's body. What we did wrong is logged, and not told. */
export function errorRoutes(server: FastifyInstance, { log }: ServerContext): void {
  server.setErrorHandler((error: FastifyError | RequestError, request, reply) => {
    if (error instanceof RequestError) {
      if (error.status === 500) log.error({ url: request.url, reason: error.message }, 'request failed');
      return reply.code(error.status).headers(error.headers).type(TYPE).send(errorBody(error.message));
    }
    const { statusCode = 500 } = error;
    if (statusCode < 500) {
      refuse(error, request, reply);
      return reply;
    }
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
