// What routes read from requests that have a body.

import type { FastifyRequest } from 'fastify';
import type { ModelRepository, ModelVersion } from '../models/modelRepository.js';
import { badRequest, RequestError } from '../requestError.js';
import type { InferenceRequest } from '../worker/messages.js';

const nothing = new Uint8Array(0);

/**
 * The body as it came, and its type.
 *
 * @throws RequestError if it is packed
 */
export function bodyOf({ headers, body }: FastifyRequest): Pick<InferenceRequest, 'body' | 'type'> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers;
  if (encoding !== 'identity') {
    throw new RequestError(415, `content-encoding was '${encoding}'; the body must be sent as it is`);
  }
  return { body: (body as Buffer | undefined) ?? nothing, type: type.split(';', 1)[0].trim().toLowerCase() };
}

/** The model of `?model=`, which may be left out where there is one. */
export function modelOf(repository: ModelRepository, name: string | undefined): ModelVersion {
  const { names } = repository;
  if (name !== undefined) return repository.find(name);
  if (names.length === 1) return repository.find(names[0]);
  throw badRequest(`?model= was missing; it must be one of ${names.join(', ')}`);
}
