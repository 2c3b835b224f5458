import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ModelVersion } from '../models/modelRepository.js';
import { badRequest } from '../requestError.js';
import type { RequestForm } from '../worker/messages.js';
import { bodyOf, modelOf } from './bodies.js';
import type { ServerContext } from './context.js';
import { type ModelParams, withVersions } from './protocolRoutes.js';

/** Says how much of a body is JSON, in requests and answers: the rest is binary. */
const JSON_BYTES = 'inference-header-content-length';

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
    const jsonBytes = jsonBytesOf(request);
    const { answer, cancel } = dispatcher.submit(model, { form, ...bodyOf(request, form), jsonBytes });
    reply.raw.once('close', cancel);
    const { status, body, type, jsonBytes: ownBytes } = await answer;
    if (ownBytes !== undefined) reply.header(JSON_BYTES, ownBytes);
    return reply.code(status).type(type).send(body);
  }

  for (const path of withVersions('/infer')) {
    server.post<{ Params: ModelParams }>(path, { onRequest }, (request, reply) =>
      answer('infer', repository.find(request.params.name, request.params.version), request, reply),
    );
  }

  server.post<{ Querystring: { model?: string } }>('/predict', { onRequest }, (request, reply) =>
    answer('predict', modelOf(repository, request.query.model), request, reply),
  );
}
