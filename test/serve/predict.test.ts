/** POST /predict: what the command takes, and what it says of it. */
import { join } from 'node:path';
import { loadPredictor } from 'primal-attention/predict';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { bodyOf, saveModel, serveModels, type TestServer } from './serving.js';

const home = temporaryFolder();
let server: TestServer;

beforeAll(async () => {
  for (const kind of ['series', 'images', 'tokens'] as const) await saveModel(join(home, kind), kind);
  server = await serveModels(home, ['series', 'images', 'tokens']);
});
afterAll(() => server.close());

type Case = Parameters<Awaited<ReturnType<typeof loadPredictor>>['predict']>[0][number];

async function expected(name: string, cases: Case[]): Promise<object> {
  const predictor = await loadPredictor(join(home, name), { batchSize: 32 });
  const plain = predictor.predict(cases).map(({ label, probabilities }) => ({
    label,
    probabilities: Array.from(probabilities),
  }));
  return { predictions: plain };
}

const predict = (model: string, body: object | string, type?: string, status = 200) =>
  bodyOf(server.post(`/predict?model=${model}`, body, type ? { 'content-type': type } : {}), status);

const series = [[[1, 2], [3, 4]], [[5, 6], [7, 8], [9, 10]]]; // prettier-ignore
const csv = ['case,a,b', '1,1,2', '1,3,4', '2,5,6', '2,7,8', '2,9,10', ''].join('\n');
const ts = ['@dimensions 2', '@classLabel false', '@data', '1,3:2,4', '5,7,9:6,8,10', ''].join('\n');
const image = Array.from({ length: 4 }, (_, y) => Array.from({ length: 4 }, (_, x) => [y, x]));

describe('cases', () => {
  it.each<[string, object | string, string?]>([
    ['JSON', { cases: series }],
    ['the list alone', series],
    ['JSON as text', JSON.stringify({ cases: series }), 'text/plain'],
    ['CSV', csv, 'text/csv'],
    ['a .ts file', ts, 'application/octet-stream'],
    ['JSON lines', series.map((one) => JSON.stringify({ series: one })).join('\n'), 'application/jsonl'],
  ])('of series as %s', async (_, body, type) => {
    expect(await predict('series', body, type)).toEqual(await expected('series', series));
  });

  it.each<[string, object | string, string?]>([
    ['null', { cases: [[[1, 2], [null, 4]]] }], // prettier-ignore
    ['? in a table', 'case,a,b\n1,1,2\n1,?,4\n', 'text/csv'],
  ])('with a missing value, which is the mean of its channel: %s', async (_, body, type) => {
    // 1 is the mean of the first channel, see serving.ts.
    expect(await predict('series', body, type)).toEqual(await expected('series', [[[1, 2], [1, 4]]])); // prettier-ignore
  });

  it('of series as a table, whose columns are those of the training part in any order', async () => {
    await saveModel(join(home, 'table'), 'series', 1, { reading: { layout: 'long', columns: ['a', 'b'] } });
    const one = await serveModels(home, ['table']);
    const turned = ['b,case,a', '2,1,1', '4,1,3', '6,2,5', '8,2,7', '10,2,9', ''].join('\n');
    const post = (text: string) => one.post('/predict', text, { 'content-type': 'text/csv' });
    expect(await bodyOf(post(turned))).toEqual(await expected('table', series));
    const { error } = await bodyOf<{ error: string }>(post(turned.replace('b,', 'c,')), 400);
    expect(error).toContain('the columns of values are without b, and with c');
    await one.close();
  });

  it('of images', async () => {
    expect(await predict('images', { cases: [image] })).toEqual(
      await expected('images', [Float32Array.from(image.flat(2))]),
    );
  });

  it.each<[string, object | string, string?]>([
    ['texts', { cases: ['[MAX a b', 'a'] }],
    ['lists of names', { cases: [['[MAX', 'a', 'b'], ['a']] }],
    ['indices', { cases: [[2, 0, 1], [0]] }], // prettier-ignore
    ['lines', '[MAX a b\na\n', 'text/plain'],
  ])('of tokens as %s', async (_, body, type) => {
    expect(await predict('tokens', body, type)).toEqual(await expected('tokens', ['[MAX a b', 'a']));
  });

  it('need no ?model= where there is one', async () => {
    const one = await serveModels(home, ['series']);
    expect(await bodyOf(one.post('/predict', { cases: series }))).toEqual(await expected('series', series));
    await one.close();
    expect(await bodyOf(server.post('/predict', { cases: series }), 400)).toEqual({
      error: '?model= was missing; it must be one of series, images, tokens',
    });
  });
});

describe('errors', () => {
  it.each<[string, string, object | string, string?]>([
    ['cases was null; it must be a list that is not empty', 'series', {}],
    ['cases was []; it must be a list that is not empty', 'series', { cases: [] }],
    ['the body: case 2, position 1, channel 2 was 1e+39; it must be a number that float32 holds, up to 3.4e38, or null if missing', 'series', { cases: [[[1, 2]], [[1, 1e39]]] }],
    ['the body: case 1, position 1, channel 1 was "1"; it must be a number, or null if missing', 'series', { cases: [[['1', 2]]] }],
    ['a field was "case"; the only one is "cases"', 'series', { case: [[[1, 2]]] }],
    ['the body: case 1 has 6 positions; the model takes 5 at most', 'series', { cases: [Array.from({ length: 6 }, () => [1, 2])] }],
    ['the body: the cases have 3 channels; they must have 2', 'series', 'case,a,b,c\n1,1,2,3\n1,4,5,6\n', 'text/csv'],
    ['the body: case 1, row 2 was [[1,1],[1,2],[1,3]]; it must be 4 pixels, as the first row', 'images', { cases: [image.map((row, y) => row.slice(y === 1 ? 1 : 0))] }],
    ['the body was no UTF-8', 'series', '\xff', 'application/json'],
  ])('%s', async (message, model, body, type) => {
    const bytes = message.includes('UTF-8') ? Uint8Array.of(0xff) : body;
    const { error } = (await predict(model, bytes, type, 400)) as { error: string };
    expect(error).toContain(message);
  }); // prettier-ignore
});
