// The Open Inference Protocol's questions about the server and its models.

import type { FastifyInstance } from 'fastify';
import type { ModelVersion } from '../models/modelRepository.js';
import { RequestError } from '../requestError.js';
import type { ServerContext } from './context.js';

/** Parameters of an address that names a model. */
export interface ModelParams {
  name: string;
  version?: string;
}

/** What the protocol's metadata calls the format of the models. */
const PLATFORM = 'primal-attention_tfjs';
const EXTENSIONS = ['binary_tensor_data', 'model_repository'];

/** A question with and without a version in its address. */
export const withVersions = (path: string) => [`/v2/models/:name${path}`, `/v2/models/:name/versions/:version${path}`];

function metadataOf({ name, description: { info, inputs, outputs } }: ModelVersion, versions: string[]) {
  const { task, kind, classNames, precision, inputShape } = info;
  // Texts, as the protocol has it. `positions`: the most that a case may have.
  const properties = {
    ...{ task, kind, precision },
    ...(kind !== 'images' && { positions: `${inputShape[0]}` }),
    ...(classNames.length > 0 && { classNames: JSON.stringify(classNames) }),
  };
  return { name, versions, platform: PLATFORM, inputs, outputs, properties };
}

export function protocolRoutes(server: FastifyInstance, { repository, isReady, version }: ServerContext): void {
  server.get('/v2/health/live', () => ({ live: true }));

  server.get('/v2/health/ready', (_, reply) => {
    const ready = isReady();
    return reply.code(ready ? 200 : 503).send({ ready });
  });

  server.get('/v2', () => ({ name: 'primal-attention', version, extensions: EXTENSIONS }));

  for (const path of withVersions('')) {
    server.get<{ Params: ModelParams }>(path, ({ params }) => {
      const found = repository.find(params.name, params.version);
      const versions = repository.versions(params.name).map((one) => one.version);
      return metadataOf(found, versions);
    });
  }

  for (const path of withVersions('/ready')) {
    server.get<{ Params: ModelParams }>(path, ({ params }, reply) => {
      try {
        repository.find(params.name, params.version);
      } catch (error) {
        if (!(error instanceof RequestError) || error.status !== 503) throw error;
        return reply.code(503).send({ name: params.name, ready: false });
      }
      return { name: params.name, ready: true };
    });
  }
}
