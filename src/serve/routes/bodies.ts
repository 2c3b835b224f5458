// What routes read from requests that have a body.

import type { FastifyRequest } from 'fastify';
import type { ModelRepository, ModelVersion } from '../models/modelRepository.js';
import { badRequest, RequestError } from '../requestError.js';
import type { InferenceRequest, RequestForm } from '../worker/messages.js';

const nothing = new Uint8Array(0);

/** Types of tensors: what some clients send unasked is taken for JSON, too. */
const tensorTypes = [
  ...['', 'application/json', 'application/octet-stream'],
  ...['application/x-www-form-urlencoded', 'text/plain'],
];

/** What a form takes of types of bodies. */
const takesType: Readonly<Record<RequestForm, { test: (type: string) => boolean; must: string }>> = {
  infer: {
    test: (type) => tensorTypes.includes(type),
    must: 'application/json, or application/octet-stream where tensors stand behind the JSON',
  },
  predict: {
    test: (type) => !type.startsWith('multipart/'),
    must: "the file's own: the body is the file, and no form",
  },
};

/**
 * The body as it came, and its type.
 *
 * @throws RequestError (415) if it is packed, or of a type that the form does not take
 */
export function bodyOf(
  { headers, body }: FastifyRequest,
  form: RequestForm = 'predict',
): Pick<InferenceRequest, 'body' | 'type'> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers;
  if (encoding !== 'identity') {
    throw new RequestError(415, `content-encoding was '${encoding}'; the body must be sent as it is`);
  }
  const own = type.split(';', 1)[0].trim().toLowerCase();
  const { test, must } = takesType[form];
  if (!test(own)) throw new RequestError(415, `content-type was '${own}'; it must be ${must}`);
  return { body: (body as Buffer | undefined) ?? nothing, type: own };
}

/** The model of `?model=`, which may be left out where there is one. */
export function modelOf(repository: ModelRepository, name: string | undefined): ModelVersion {
  const { names } = repository;
  if (name !== undefined) return repository.find(name);
  if (names.length === 1) return repository.find(names[0]);
  throw badRequest(`?model= was missing; it must be one of ${names.join(', ')}`);
}
