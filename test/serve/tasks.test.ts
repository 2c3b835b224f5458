/** Models of numbers, served: what they say is what a predictor says of the same cases. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPredictor } from 'primal-attention/predict';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { bodyOf, saveModel, serveModels, type TestServer } from './serving.js';

const home = temporaryFolder();
let server: TestServer;
beforeAll(async () => {
  for (const kind of ['regressor', 'forecaster'] as const) await saveModel(join(home, kind), kind);
  server = await serveModels(home, ['regressor', 'forecaster']);
});
afterAll(() => server.close());

const cases = [[[1, 2], [3, 4]], [[5, 6], [7, 8], [9, 10]]]; // prettier-ignore
const window = [[1, 2], [3, 4], [5, 1], [2, 2], [0, 7]]; // prettier-ignore
const post = (model: string, body: object | string, status = 200) =>
  bodyOf(
    server.post(`/predict?model=${model}`, body, typeof body === 'string' ? { 'content-type': 'text/csv' } : {}),
    status,
  );
const infer = (model: string, input: object) =>
  bodyOf<{ outputs: { name: string; shape: number[]; data: number[] }[] }>(
    server.post(`/v2/models/${model}/infer`, { inputs: [input] }),
  );
const metadata = (model: string) => bodyOf<object>(server.get(`/v2/models/${model}`));

describe('a regressor', () => {
  const csv = ['case,a,b,mass', '1,1,2,0', '1,3,4,0', '2,5,6,1', '2,7,8,1', '2,9,10,1', ''].join('\n');

  it('gives values for JSON, a table, and tensors', async () => {
    const expected = (await loadPredictor<'regression'>(join(home, 'regressor'))).predict(cases);
    expect(await post('regressor', { cases })).toEqual({ predictions: expected });
    const { outputs } = await infer('regressor', {
      name: 'series',
      datatype: 'FP32',
      shape: [1, 2, 2],
      data: cases[0].flat(),
    });
    expect(outputs).toEqual([{ name: 'value', datatype: 'FP32', shape: [1], data: [Math.fround(expected[0].value)] }]);
    await saveModel(join(home, 'mass'), 'regressor', 1, {
      reading: { layout: 'long', columns: ['a', 'b'], targetColumn: 'mass' },
    });
    const one = await serveModels(home, ['mass']);
    const answer = await bodyOf(one.post('/predict', csv, { 'content-type': 'text/csv' }));
    expect(answer).toEqual({ predictions: expected });
    await one.close();
  });

  it('is described as one', async () => {
    expect(await metadata('regressor')).toMatchObject({
      inputs: [{ name: 'series', shape: [-1, -1, 2] }, { name: 'lengths' }],
      outputs: [{ name: 'value', datatype: 'FP32', shape: [-1] }],
      properties: { task: 'regression' },
    });
  });
});

describe('a forecaster', () => {
  const table = (header: string) =>
    [header, '9,9,0', ...window.map(([u, v], t) => `${u},${v},${t + 1}`), ''].join('\n');

  it('gives forecasts for JSON, the last rows of a table, and tensors', async () => {
    const expected = (await loadPredictor<'forecasting'>(join(home, 'forecaster'))).predict([window]);
    expect(await post('forecaster', { cases: [window] })).toEqual({ predictions: expected });
    expect(await post('forecaster', table('u,v,time'))).toEqual({ predictions: expected });
    const { outputs } = await infer('forecaster', {
      name: 'series',
      datatype: 'FP32',
      shape: [1, 5, 2],
      data: window.flat(),
    });
    const data = expected[0].forecast.flat().map(Math.fround);
    expect(outputs).toEqual([{ name: 'forecast', datatype: 'FP32', shape: [1, 3, 2], data }]);
  });

  it('is described as one', async () => {
    expect(await metadata('forecaster')).toMatchObject({
      inputs: [{ name: 'series', datatype: 'FP32', shape: [-1, 5, 2] }],
      outputs: [{ name: 'forecast', datatype: 'FP32', shape: [-1, 3, 2] }],
      properties: { task: 'forecasting' },
    });
  });

  it.each<[string, object | string]>([
    ["the body:1: the first row has no column 'v'", table('u,w,time')],
    ['the body: the table has 2 rows; it must have at least 5', 'u,v\n1,2\n3,4\n'],
    ["the body:2: column 'v' was missing; a forecast needs all values", 'u,v\n1,\n'],
    ['the body: case 1 was NaN at position 1, channel 2; it must be finite', { cases: [[[1, null]]] }],
    ['case 1 was 2 positions long; it must be 5 positions long', { cases: [window.slice(3)] }],
  ])('%s', async (message, body) => {
    expect(await post('forecaster', body, 400)).toMatchObject({ error: expect.stringContaining(message) as string });
  });
});

it.each([
  ['regressor', cases],
  ['forecaster', [window]],
])('the attention of a %s has a picture', async (model, of) => {
  const map = await bodyOf<{ svg: string; shape: number[] }>(server.post(`/attention?model=${model}`, { cases: of }));
  expect(map.shape).toEqual([of[0].length, 2]);
  expect(map.svg).toMatch(/^<svg/);
});
