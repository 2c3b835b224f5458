/**
 * Live answers against what OpenAPI documents say of them: the server's own, and the protocol's published file where
 * OPEN_INFERENCE_PROTOCOL is its path (open_inference_rest.yaml of kserve/open-inference-protocol). Both are read by a
 * client that is generated from them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { type Document, OpenAPIClientAxios, type OpenAPIV3 } from 'openapi-client-axios';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { saveModel, serveModels, type TestServer } from './serving.js';

const home = temporaryFolder();
const published = process.env.OPEN_INFERENCE_PROTOCOL;
if (!published) {
  console.warn("OPEN_INFERENCE_PROTOCOL is not set: answers are compared with the server's own OpenAPI document only.");
}
let server: TestServer;

beforeAll(async () => {
  await saveModel(join(home, 'series'), 'series');
  server = await serveModels(home, ['series'], { timeout: 60_000 });
});
afterAll(() => server.close());

/** Every operation of a document, called by the client that is made of it; the schema of each answer is checked. */
class Caller {
  private readonly client: OpenAPIClientAxios;
  private readonly ajv = new Ajv({ strict: false, allErrors: true });

  constructor(private readonly document: OpenAPIV3.Document) {
    this.client = new OpenAPIClientAxios({
      definition: { ...document, servers: [{ url: server.url }] } as Document,
      axiosConfigDefaults: { validateStatus: () => true },
    });
    this.ajv.addSchema(document, 'document');
  }

  async init(): Promise<this> {
    await this.client.init();
    return this;
  }

  get operations(): string[] {
    return this.client.getOperations().map(({ operationId }) => operationId!);
  }

  /** @returns status and body; what the document says of an answer with the status has been checked */
  async call(id: string, parameters: Record<string, string> = {}, body?: unknown, type = 'application/json') {
    const { path, method } = this.client.getOperation(id)!;
    const client = await this.client.getClient();
    const { status, data } = (await client[id](parameters, body, { headers: { 'content-type': type } })) as {
      status: number;
      data: unknown;
    };
    const { responses } = (this.document.paths[path] as Record<string, OpenAPIV3.OperationObject>)[method];
    const response = responses[status] as OpenAPIV3.ResponseObject | undefined;
    expect(response, `${id} answers with ${status}: ${JSON.stringify(data)}`).toBeDefined();
    if (!response!.content?.['application/json']) return { status, data };
    const pointer = ['paths', path, method, 'responses', `${status}`, 'content', 'application/json', 'schema'];
    const escaped = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
    const check = this.ajv.getSchema(`document#/${escaped.join('/')}`)!;
    await check(data);
    expect(check.errors, `${id}: ${JSON.stringify(data)}`).toBeNull();
    return { status, data };
  }
}

const inputs = [
  { name: 'series', shape: [1, 2, 2], datatype: 'FP32', data: [1, 2, 3, 4] },
  { name: 'lengths', shape: [1], datatype: 'INT32', data: [2] },
];
const wrong = { inputs: [{ ...inputs[0], data: [1, 2, 3, 1e39] }] };

describe("the server's own document", () => {
  const cases = { cases: [[[1, 2]]] };
  const version = { model_name: 'series', model_version: '1' };
  const name = { model_name: 'series' };
  const calls: [string, Record<string, string>?, unknown?, number?][] = [
    ['serverMetadata'],
    ['serverLive'],
    ['serverReady'],
    ['modelMetadata', name],
    ['modelMetadata', { model_name: 'none' }, undefined, 404],
    ['modelMetadataVersion', version],
    ['modelReady', name],
    ['modelReadyVersion', version],
    ['infer', name, { id: '1', inputs }],
    ['infer', name, { inputs, outputs: [{ name: 'probabilities' }] }],
    ['infer', name, wrong, 400],
    ['inferVersion', version, { inputs }],
    ['inferVersion', { ...version, model_version: '2' }, { inputs }, 404],
    ['repositoryIndex'],
    ['loadModel', name],
    ['unloadModel', { model_name: 'none' }, undefined, 404],
    ['unloadModel', name],
    ['modelMetadata', name, undefined, 503],
    ['infer', name, { inputs }, 503],
    ['loadModel', name],
    ['predict', { model: 'series' }, cases],
    ['predict', {}, { cases: [] }, 400],
    ['attention', {}, cases],
    ['metrics'],
  ];

  it('is that of all answers, and names all operations', async () => {
    const document = (await (await server.get('/openapi.json')).json()) as OpenAPIV3.Document;
    const caller = await new Caller(document).init();
    for (const [id, parameters, body, status = 200] of calls) {
      const answer = await caller.call(id, parameters, body);
      expect({ id, status: answer.status }).toEqual({ id, status });
    }
    expect(new Set(calls.map(([id]) => id))).toEqual(new Set(caller.operations));
  });

  it('would not be that of others', async () => {
    const document = (await (await server.get('/openapi.json')).json()) as OpenAPIV3.Document;
    document.components!.schemas!.Live = { type: 'object', required: ['alive'] };
    const caller = await new Caller(document).init();
    await expect(caller.call('serverLive')).rejects.toThrow('serverLive: {"live":true}');
  });
});

describe.skipIf(!published)("the protocol's published file", () => {
  it('is that of all answers', async () => {
    // Its addresses have a `$` before each parameter, as no address has.
    const document = parse(readFileSync(published!, 'utf8').replaceAll('${', '{')) as OpenAPIV3.Document;
    const caller = await new Caller(document).init();
    const parameters = { MODEL_NAME: 'series', MODEL_VERSION: '1' };
    expect(caller.operations).toHaveLength(6);
    for (const id of caller.operations) {
      const isInference = id.startsWith('post');
      const { status, data } = await caller.call(id, parameters, isInference ? { id: '42', inputs } : undefined);
      expect(status).toBe(200);
      if (!isInference) continue;
      expect(data).toMatchObject({ id: '42', model_name: 'series', model_version: '1' });
      expect((await caller.call(id, parameters, wrong)).status).toBe(400);
      expect((await caller.call(id, parameters, {})).status).toBe(400);
    }
  });
});
