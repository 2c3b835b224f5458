/** The Open Inference Protocol, asked over HTTP, and answered as the predictor itself would. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { loadPredictor } from 'primal-attention/predict';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { bodyOf, saveModel, serveModels, type TestServer } from './serving.js';

const home = temporaryFolder();
let server: TestServer;

interface Output {
  name: string;
  datatype: string;
  shape: number[];
  data?: (string | number)[];
  parameters?: { binary_data_size: number };
}

interface Inference {
  model_name: string;
  model_version: string;
  id?: string;
  outputs: Output[];
}

beforeAll(async () => {
  await saveModel(join(home, 'series'), 'series');
  await saveModel(join(home, 'images'), 'images');
  await saveModel(join(home, 'tokens'), 'tokens');
  server = await serveModels(home, ['series', 'images', 'tokens']);
});
afterAll(() => server.close());

const expected = async (name: string, cases: Parameters<Awaited<ReturnType<typeof loadPredictor>>['predict']>[0]) =>
  (await loadPredictor(join(home, name), { batchSize: 32 })).predict(cases);

const infer = (name: string, inputs: object[], rest: object = {}) =>
  bodyOf<Inference>(server.post(`/v2/models/${name}/infer`, { inputs, ...rest }));

const series = (data: unknown, shape = [2, 3, 2]) => ({ name: 'series', datatype: 'FP32', shape, data });
const numbers = [1, 2, 3, 4, 5, 6, 7.5, 8, 9, 10, 11, -12];
const rows = [[[1, 2], [3, 4], [5, 6]], [[7.5, 8], [9, 10], [11, -12]]]; // prettier-ignore

describe('questions', () => {
  it('about the server', async () => {
    expect(await bodyOf(server.get('/v2'))).toEqual({
      name: 'primal-attention',
      version: '1.2.3',
      extensions: ['binary_tensor_data', 'model_repository'],
    });
    expect(await bodyOf(server.get('/v2/health/live'))).toEqual({ live: true });
    expect(await bodyOf(server.get('/v2/health/ready'))).toEqual({ ready: true });
  });

  it.each([
    [
      'series',
      [
        ['series', 'FP32', [-1, -1, 2]],
        ['lengths', 'INT32', [-1]],
      ],
    ],
    ['images', [['image', 'FP32', [-1, 4, 4, 2]]]],
    ['tokens', [['text', 'BYTES', [-1]]]],
  ] as const)('about a model of %s', async (name, inputs) => {
    const metadata = await bodyOf(server.get(`/v2/models/${name}`));
    expect(metadata).toMatchObject({
      ...{ name, versions: ['1'], platform: 'primal-attention_tfjs' },
      inputs: inputs.map(([name, datatype, shape]) => ({ name, datatype, shape })),
    });
    expect((metadata as { outputs: Output[] }).outputs).toEqual(
      expect.arrayContaining([
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
        { name: 'label', datatype: 'BYTES', shape: [-1] },
      ]),
    );
    expect(await bodyOf(server.get(`/v2/models/${name}/versions/1`))).toEqual(metadata);
    expect(await bodyOf(server.get(`/v2/models/${name}/ready`))).toEqual({ name, ready: true });
    expect(await bodyOf(server.get(`/v2/models/${name}/versions/1/ready`))).toEqual({ name, ready: true });
  });

  it.each(['', '/ready', '/versions/2', '/versions/2/ready'])('about what is not there: %s', async (path) => {
    const name = path.startsWith('/versions') ? 'series' : 'others';
    const { error } = await bodyOf<{ error: string }>(server.get(`/v2/models/${name}${path}`), 404);
    expect(error).toMatch(/must be one of (series, images, tokens|1)$/);
  });
});

describe('inference', () => {
  it.each([
    ['flat', numbers],
    ['nested', rows],
  ])('of series, %s', async (_, data) => {
    const predictions = await expected('series', rows);
    const { outputs, ...rest } = await infer('series', [series(data)], { id: 'mine' });
    expect(rest).toEqual({ model_name: 'series', model_version: '1', id: 'mine' });
    expect(Object.fromEntries(outputs.map(({ name, ...output }) => [name, output]))).toEqual({
      label: { datatype: 'BYTES', shape: [2], data: predictions.map(({ label }) => label) },
      probabilities: {
        datatype: 'FP32',
        shape: [2, 2],
        data: predictions.flatMap(({ probabilities }) => Array.from(probabilities)),
      },
    });
  });

  it('of series with lengths: padding has no part', async () => {
    const lengths = { name: 'lengths', datatype: 'INT32', shape: [2], data: [3, 1] };
    const [whole, short] = await expected('series', [rows[0], rows[1].slice(0, 1)]);
    const wanted = { outputs: [{ name: 'probabilities' }] };
    const { outputs } = await infer('series', [lengths, series(rows)], wanted);
    expect(outputs).toHaveLength(1);
    expect(outputs[0].data).toEqual([...whole.probabilities, ...short.probabilities]);
  });

  it('of images and of tokens', async () => {
    const pixels = Float32Array.from({ length: 32 }, (_, at) => 7 * at);
    const image = { name: 'image', datatype: 'FP32', shape: [1, 4, 4, 2], data: Array.from(pixels) };
    const [ofImage] = await expected('images', [pixels]);
    expect((await infer('images', [image])).outputs).toContainEqual(
      expect.objectContaining({ name: 'probabilities', data: Array.from(ofImage.probabilities) }),
    );
    const text = { name: 'text', datatype: 'BYTES', shape: [2], data: ['[MAX a b', 'a'] };
    const ofTexts = await expected('tokens', ['[MAX a b', 'a']);
    expect((await infer('tokens', [text])).outputs).toContainEqual(
      expect.objectContaining({
        name: 'probabilities',
        data: ofTexts.flatMap(({ probabilities }) => [...probabilities]),
      }),
    );
  });

  it('in binary form, there and back', async () => {
    const header = (json: object, ...parts: Uint8Array[]) => {
      const head = Buffer.from(JSON.stringify(json));
      return {
        body: Buffer.concat([head, ...parts]),
        headers: { 'inference-header-content-length': `${head.length}` },
      };
    };
    const values = new Uint8Array(Float32Array.from(numbers).buffer);
    const lengths = new Uint8Array(Int32Array.of(3, 2).buffer);
    const { body, headers } = header(
      {
        inputs: [
          { ...series(undefined), parameters: { binary_data_size: values.length } },
          { name: 'lengths', datatype: 'INT32', shape: [2], parameters: { binary_data_size: lengths.length } },
        ],
        outputs: [{ name: 'label' }, { name: 'probabilities', parameters: { binary_data: true } }],
      },
      values,
      lengths,
    );
    const answer = await server.post('/v2/models/series/infer', body, headers);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    const end = Number(answer.headers.get('inference-header-content-length'));
    const { outputs } = JSON.parse(bytes.subarray(0, end).toString()) as Inference;
    const predictions = await expected('series', [rows[0], rows[1].slice(0, 2)]);
    expect(outputs[0].data).toEqual(predictions.map(({ label }) => label));
    expect(outputs[1]).toEqual({
      ...{ name: 'probabilities', datatype: 'FP32', shape: [2, 2] },
      parameters: { binary_data_size: 16 },
    });
    const found = new Float32Array(Uint8Array.from(bytes.subarray(end)).buffer);
    expect(found).toEqual(Float32Array.from(predictions.flatMap(({ probabilities }) => [...probabilities])));

    const texts = Buffer.from('\x08\0\0\0[MAX a b\x01\0\0\0a', 'latin1');
    const strings = header(
      {
        inputs: [{ name: 'text', datatype: 'BYTES', shape: [2], parameters: { binary_data_size: texts.length } }],
        parameters: { binary_data_output: true },
      },
      texts,
    );
    const ofTexts = await server.post('/v2/models/tokens/infer', strings.body, strings.headers);
    const all = Buffer.from(await ofTexts.arrayBuffer());
    const rest = all.subarray(Number(ofTexts.headers.get('inference-header-content-length'))).toString('latin1');
    const [{ label: first }, { label: second }] = await expected('tokens', ['[MAX a b', 'a']);
    const prefixed = (text: string) => `${String.fromCharCode(text.length)}\0\0\0${text}`;
    expect(rest).toContain(prefixed(first) + prefixed(second));
  });
});

describe('errors', () => {
  const text = (data: unknown, shape = [1]) => ({ name: 'text', datatype: 'BYTES', shape, data });
  it.each<[string, string, unknown, string]>([
    ['no JSON', 'series', '{"inputs": [', 'the body was no JSON'],
    ['no object', 'series', '[]', 'the body was []; it must be an object'],
    ['no inputs', 'series', {}, 'inputs was null; it must be a list that is not empty'],
    ['a number of no float32', 'series', { inputs: [series(numbers.map((value, at) => (at === 7 ? 1e39 : value)))] }, "input 'series' at [1, 0, 1] (counted from 0) was 1e+39; it must be a finite float32"],
    ['a string', 'series', { inputs: [series([['1', 2].map(() => ['1', 2])], [1, 2, 2])] }, "input 'series' at [0, 0, 0] (counted from 0) was \"1\"; it must be a finite float32"],
    ['null', 'series', { inputs: [series([1, null], [1, 1, 2])] }, "input 'series' at [0, 0, 1] (counted from 0) was null; it must be a finite float32"],
    ['another type', 'series', { inputs: [{ ...series(numbers), datatype: 'FP64' }] }, "input 'series': datatype was \"FP64\"; it must be FP32"],
    ['another name', 'series', { inputs: [{ ...series(numbers), name: 'x' }] }, "inputs[0] was named \"x\"; the model has 'series', 'lengths'"],
    ['a name twice', 'series', { inputs: [series(numbers), series(numbers)] }, "inputs[1] was named 'series', as one before"],
    ['other channels', 'series', { inputs: [series(numbers, [2, 2, 3])] }, "input 'series': shape was [2,2,3]; it must be [-1, -1, 2], where -1 is 1 or more"],
    ['no cases', 'series', { inputs: [series([], [0, 3, 2])] }, "input 'series': shape was [0,3,2]; it must be [-1, -1, 2]"],
    ['too few numbers', 'series', { inputs: [series([1, 2], [2, 3, 2])] }, "input 'series': data had 2 elements; shape [2, 3, 2] has 12"],
    ['an unknown field', 'series', { inputs: [series(numbers)], output: [{ name: 'label' }] }, "the body had the field \"output\"; its fields are id, inputs, outputs, parameters. Did you mean 'outputs'?"],
    ['an unknown field of an input', 'series', { inputs: [{ ...series(numbers), dataype: 'FP32' }] }, "inputs[0] had the field \"dataype\"; its fields are name, datatype, shape, data, parameters. Did you mean 'datatype'?"],
    ['parameters that are none', 'series', { inputs: [series(numbers)], parameters: 7 }, 'the body: parameters was 7; it must be an object'],
    ['a flag that is none', 'series', { inputs: [series(numbers)], outputs: [{ name: 'label', parameters: { binary_data: 'yes' } }] }, "output 'label': binary_data was \"yes\"; it must be true or false"],
    ['ragged lists', 'series', { inputs: [series([[[1, 2]], [[1]]], [2, 1, 2])] }, "input 'series': data at [1, 0] (counted from 0) was a list of 1; shape [2, 1, 2] needs a list of 2"],
    ['a shape for all memory', 'series', { inputs: [series([[[1, 2]]], [1e9, 1e6, 2])] }, 'has more elements than the body bytes'],
    ['too many positions', 'series', { inputs: [series([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6], [1, 6, 2])] }, "input 'series' had 6 positions in case 1; the model takes up to 5"],
    ['a length beyond', 'series', { inputs: [series(numbers), { name: 'lengths', datatype: 'INT32', shape: [2], data: [3, 4] }] }, "input 'lengths' at [1] (counted from 0) was 4; it must be 1 to 3"],
    ['another output', 'series', { inputs: [series(numbers)], outputs: [{ name: 'y' }] }, 'outputs[0] was named "y"; the model has'],
    ['an id of no string', 'series', { inputs: [series(numbers)], id: 7 }, 'id was 7; it must be a string'],
    ['an unknown token', 'tokens', { inputs: [text(['a c'])] }, "case 1, position 2 was 'c'; it must be one of a b [MAX"],
    ['bytes that are not there', 'series', { inputs: [{ ...series(undefined), parameters: { binary_data_size: 48 } }] }, "input 'series': binary_data_size was 48; 0 bytes are left behind the JSON"],
  ])('%s', async (_, name, body, message) => {
    const { error } = await bodyOf<{ error: string }>(server.post(`/v2/models/${name}/infer`, body as object), 400);
    expect(error).toContain(message);
  }); // prettier-ignore

  it('of one request leave those in its batch alone', async () => {
    const good = infer('tokens', [text(['a'])]);
    const bad = bodyOf(server.post('/v2/models/tokens/infer', { inputs: [text(['c'])] }), 400);
    const [{ label }] = await expected('tokens', ['a']);
    expect((await good).outputs.find(({ name }) => name === 'label')!.data).toEqual([label]);
    await bad;
  });

  it('of addresses, encodings, sizes and headers', async () => {
    const error = async (answer: Promise<Response>, status: number) =>
      (await bodyOf<{ error: string }>(answer, status)).error;
    expect(await error(server.get('/v3'), 404)).toBe('GET /v3 is not served; /openapi.json says what is');
    expect(await error(server.post('/v2/models/none/infer', {}), 404)).toContain("the model was 'none'");
    const gzip = server.post('/v2/models/series/infer', 'x', { 'content-encoding': 'gzip' });
    expect(await error(gzip, 415)).toContain("content-encoding was 'gzip'");
    expect(await error(server.get('/v2/models/%E0%A4%A'), 400)).toContain('the address /v2/models/%E0%A4%A is none');
    const types = [
      ['/v2/models/series/infer', 'text/html', "content-type was 'text/html'; it must be application/json"],
      ['/predict?model=series', 'multipart/form-data; boundary=x', "content-type was 'multipart/form-data'"],
      ['/predict?model=series', 'none', "content-type was 'none'"],
    ];
    for (const [path, type, message] of types) {
      expect(await error(server.post(path, '{}', { 'content-type': type }), 415)).toContain(message);
    }
    const header = server.post('/v2/models/series/infer', '{}', { 'inference-header-content-length': '-1' });
    expect(await error(header, 400)).toContain("Inference-Header-Content-Length was '-1'");
    const beyond = server.post('/v2/models/series/infer', '{}', { 'inference-header-content-length': '3' });
    expect(await error(beyond, 400)).toContain('Inference-Header-Content-Length was 3; the body had 2 bytes');
    const small = await serveModels(home, ['series'], { maxBody: 100, timeout: 300 });
    expect(await error(small.post('/predict', 'x'.repeat(101)), 413)).toBe(
      'the body had more than 100 bytes, which is the limit of the server',
    );
    // A body that does not come.
    const slow = connect(Number(new URL(small.url).port), '127.0.0.1');
    slow.write('POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n123');
    const said: Buffer[] = [];
    for await (const part of slow) said.push(part as Buffer);
    expect(Buffer.concat(said).toString()).toMatch(/^HTTP\/1\.1 408 /);
    await small.close();
  });
});
