import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ModelVersion } from '../models/modelRepository.js';
import { badRequest, RequestError } from '../requestError.js';
import type { RequestForm } from '../worker/messages.js';
import type { ServerContext } from './context.js';
import { type ModelParams, withVersions } from './protocolRoutes.js';

/** Says how much of a body is JSON, in requests and answers: the rest is binary. */
const JSON_BYTES = 'inference-header-content-length';

const nothing = new Uint8Array(0);

function jsonBytesOf({ headers }: FastifyRequest): number | undefined {
  const text = headers[JSON_BYTES];
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text as string)) return Number(text);
  throw badRequest(`Inference-Header-Content-Length was '${String(text)}'; it must be a number of bytes`);
}

/** Requests that models answer. */
export function inferenceRoutes(server: FastifyInstance, { repository, dispatcher }: ServerContext): void {
  // Before the body is read: a refusal costs next to nothing.
  const onRequest = (_: FastifyRequest, __: FastifyReply, done: () => void) => {
    dispatcher.checkRoom();
    done();
  };

  async function answer(form: RequestForm, model: ModelVersion, request: FastifyRequest, reply: FastifyReply) {
    const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers;
    if (encoding !== 'identity') {
      throw new RequestError(415, `content-encoding was '${encoding}'; the body must be sent as it is`);
    }
    const { answer, cancel } = dispatcher.submit(model, {
      form,
      body: (request.body as Buffer | undefined) ?? nothing,
      type: type.split(';', 1)[0].trim().toLowerCase(),
      jsonBytes: jsonBytesOf(request),
    });
    reply.raw.once('close', cancel);
    const { status, body, type: contentType, jsonBytes } = await answer;
    if (jsonBytes !== undefined) reply.header(JSON_BYTES, jsonBytes);
    return reply.code(status).type(contentType).send(body);
  }

  for (const path of withVersions('/infer')) {
    server.post<{ Params: ModelParams }>(path, { onRequest }, (request, reply) =>
      answer('infer', repository.find(request.params.name, request.params.version), request, reply),
    );
  }

  server.post<{ Querystring: { model?: string } }>('/predict', { onRequest }, (request, reply) => {
    const { names } = repository;
    const { model = names.length === 1 ? names[0] : undefined } = request.query;
    if (model !== undefined) return answer('predict', repository.find(model), request, reply);
    throw badRequest(`?model= was missing; it must be one of ${names.join(', ')}`);
  });
}
