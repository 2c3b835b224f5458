// What the server says of itself at /openapi.json.

type Schema = Record<string, unknown>;

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const string: Schema = { type: 'string' };
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const objectOf = (
  properties: Record<string, Schema>,
  required: readonly string[] = Object.keys(properties),
): Schema => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
});

const parameters: Schema = { type: 'object', additionalProperties: true };
const shape = listOf({ type: 'integer' });
const tensor = { name: string, shape, datatype: { type: 'string', enum: ['FP32', 'INT32', 'BYTES'] } };

const schemas: Record<string, Schema> = {
  Error: objectOf({ error: string }),
  ServerMetadata: objectOf({ name: string, version: string, extensions: listOf(string) }),
  Live: objectOf({ live: { type: 'boolean' } }),
  Ready: objectOf({ ready: { type: 'boolean' } }),
  ModelReady: objectOf({ name: string, ready: { type: 'boolean' } }),
  TensorMetadata: objectOf(tensor),
  ModelMetadata: objectOf({
    ...{ name: string, versions: listOf(string), platform: string },
    inputs: listOf(ref('TensorMetadata')),
    outputs: listOf(ref('TensorMetadata')),
    properties: { type: 'object', additionalProperties: string },
  }),
  TensorData: listOf({ anyOf: [ref('TensorData'), { type: 'number' }, string] }),
  // In binary form a tensor has parameters.binary_data_size, and no data.
  RequestInput: objectOf({ ...tensor, parameters, data: ref('TensorData') }, ['name', 'shape', 'datatype']),
  RequestOutput: objectOf({ name: string, parameters }, ['name']),
  InferenceRequest: objectOf(
    { id: string, parameters, inputs: listOf(ref('RequestInput')), outputs: listOf(ref('RequestOutput')) },
    ['inputs'],
  ),
  ResponseOutput: objectOf({ ...tensor, parameters, data: ref('TensorData') }, ['name', 'shape', 'datatype']),
  InferenceResponse: objectOf(
    { model_name: string, model_version: string, id: string, outputs: listOf(ref('ResponseOutput')) },
    ['model_name', 'model_version', 'outputs'],
  ),
  Cases: objectOf({ cases: { type: 'array', minItems: 1, items: {} } }),
  Predictions: objectOf({ predictions: listOf({ type: 'object' }) }),
  LoadedModel: objectOf({ name: string, versions: listOf(string) }),
  ModelStates: listOf(objectOf({ name: string, version: string, state: string, reason: string }, ['name', 'state'])),
  Attention: objectOf({
    kind: { type: 'string', enum: ['series', 'images', 'tokens'] },
    shape,
    values: listOf({ anyOf: [{ type: 'number' }, string] }),
    svg: string,
  }),
};

const json = (schema: Schema) => ({ content: { 'application/json': { schema } } });
const error = (description: string) => ({ description, ...json(ref('Error')) });

const refusals = {
  400: error('What was wrong, where, and what it must be.'),
  401: error('The bearer token is missing or wrong.'),
  404: error('There is no such model or version.'),
  413: error('The body is too large.'),
  415: error('The body is packed, or of a type that is not taken.'),
  503: error('Too many requests wait; Retry-After says when to come again. Or the model is not loaded.'),
  504: error('There was no answer in time.'),
};

interface Operation {
  id: string;
  summary: string;
  /** Of the answer with status 200. */
  answer: Schema | 'text';
  /** Names in the address, and in its query. */
  path?: readonly string[];
  query?: readonly string[];
  body?: Record<string, { schema: Schema }>;
  failures?: readonly (keyof typeof refusals)[];
}

function operation({ id, summary, answer, path = [], query = [], body, failures = [] }: Operation): Schema {
  const named = (place: string) => (name: string) => ({ name, in: place, required: place === 'path', schema: string });
  const answers = failures.map((status) => [status, refusals[status]] as const);
  const content = answer === 'text' ? { content: { 'text/plain': { schema: string } } } : json(answer);
  return {
    ...{ operationId: id, summary, parameters: [...path.map(named('path')), ...query.map(named('query'))] },
    ...(body && { requestBody: { required: true, content: body } }),
    responses: { 200: { description: 'OK', ...content }, ...Object.fromEntries(answers) },
  };
}

/** An operation on a model, with and without a version in its address. */
function ofModel(method: 'get' | 'post', rest: string, one: Operation): Record<string, Schema> {
  const name = ['model_name'];
  return {
    [`/v2/models/{model_name}${rest}`]: { [method]: operation({ ...one, path: name }) },
    [`/v2/models/{model_name}/versions/{model_version}${rest}`]: {
      [method]: operation({ ...one, id: `${one.id}Version`, path: [...name, 'model_version'] }),
    },
  };
}

const files = { 'text/csv': { schema: string }, 'application/octet-stream': { schema: string } };
const cases = { 'application/json': { schema: ref('Cases') }, ...files };
const computing = [400, 401, 404, 413, 415, 503, 504] as const;
const reading = [401, 404, 503] as const;

/** The document, of OpenAPI 3.0. */
export function openApi(version: string): object {
  return {
    openapi: '3.0.3',
    info: {
      title: 'primal-attention',
      version,
      description: 'The Open Inference Protocol v2 for saved models, and plain predictions beside it.',
    },
    components: { schemas, securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    security: [{}, { bearer: [] }],
    paths: {
      '/v2': { get: operation({ id: 'serverMetadata', summary: 'The server', answer: ref('ServerMetadata') }) },
      '/v2/health/live': { get: operation({ id: 'serverLive', summary: 'Whether it runs', answer: ref('Live') }) },
      '/v2/health/ready': {
        get: operation({ id: 'serverReady', summary: 'Whether all models can be used', answer: ref('Ready') }),
      },
      ...ofModel('get', '', {
        ...{ id: 'modelMetadata', summary: 'Inputs, outputs and versions of a model', failures: reading },
        answer: ref('ModelMetadata'),
      }),
      ...ofModel('get', '/ready', {
        ...{ id: 'modelReady', summary: 'Whether a model can be used', failures: [401, 404] },
        answer: ref('ModelReady'),
      }),
      ...ofModel('post', '/infer', {
        ...{ id: 'infer', summary: 'What a model says of tensors', answer: ref('InferenceResponse') },
        body: {
          'application/json': { schema: ref('InferenceRequest') },
          ...{ 'application/octet-stream': files['application/octet-stream'] },
        },
        failures: computing,
      }),
      '/v2/repository/index': {
        post: operation({ id: 'repositoryIndex', summary: 'All models', answer: ref('ModelStates'), failures: [401] }),
      },
      '/v2/repository/models/{model_name}/load': {
        post: operation({
          ...{ id: 'loadModel', summary: 'Loads what the folder of a model holds now', answer: ref('LoadedModel') },
          ...{ path: ['model_name'], failures: [400, 401, 404] },
        }),
      },
      '/v2/repository/models/{model_name}/unload': {
        post: operation({
          ...{ id: 'unloadModel', summary: 'Takes a model out of service', answer: objectOf({ name: string }) },
          ...{ path: ['model_name'], failures: [401, 404] },
        }),
      },
      '/predict': {
        post: operation({
          ...{ id: 'predict', summary: 'What a model says of cases', query: ['model'], answer: ref('Predictions') },
          ...{ body: cases, failures: computing },
        }),
      },
      '/attention': {
        post: operation({
          ...{ id: 'attention', summary: 'A case and where a model attends in it', query: ['model', 'case'] },
          ...{ answer: ref('Attention'), body: cases, failures: computing },
        }),
      },
      '/metrics': {
        get: operation({ id: 'metrics', summary: 'Figures for Prometheus', answer: 'text', failures: [401] }),
      },
    },
  };
}
