/** Models that change while they are asked. */
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { bodyOf, saveModel, serveModels, type TestServer } from './serving.js';

const home = temporaryFolder();
let server: TestServer;

beforeAll(async () => {
  for (const version of [1, 2, 3, 4]) await saveModel(join(home, `all/${version}`), 'series', version);
  await cp(join(home, 'all/1'), join(home, 'm/1'), { recursive: true });
  server = await serveModels(home, ['m']);
});
afterAll(() => server.close());

const body = { cases: [[[1, 2], [3, 4]]] }; // prettier-ignore
const predict = () => bodyOf(server.post('/predict', body));
const load = (status = 200) => bodyOf(server.post('/v2/repository/models/m/load'), status);
const put = (version: number) => cp(join(home, `all/${version}`), join(home, `m/${version}`), { recursive: true });

describe('a model', () => {
  it('is replaced without a lost request', async () => {
    const answers: string[] = [];
    let done = false;
    const clients = Array.from({ length: 8 }, async () => {
      while (!done) answers.push(JSON.stringify(await predict()));
    });
    const latest: string[] = [JSON.stringify(await predict())];
    for (const version of [2, 3, 4]) {
      await put(version);
      expect(await load()).toEqual({ name: 'm', versions: Array.from({ length: version }, (_, at) => `${at + 1}`) });
      latest.push(JSON.stringify(await predict()));
    }
    done = true;
    await Promise.all(clients);
    expect(new Set(latest).size).toBe(4);
    // Every request was answered, by one of the versions that were the highest.
    expect(answers.length).toBeGreaterThan(20);
    expect(answers.filter((answer) => !latest.includes(answer))).toEqual([]);
    expect(answers).toContain(latest[0]);
  });

  it('has the versions that its folder holds', async () => {
    const input = { name: 'series', datatype: 'FP32', shape: [1, 2, 2], data: [1, 2, 3, 4] };
    const infer = (version: number, status = 200) =>
      bodyOf<{ model_version: string }>(
        server.post(`/v2/models/m/versions/${version}/infer`, { inputs: [input] }),
        status,
      );
    expect(
      new Set(await Promise.all([1, 2, 3, 4].map(async (version) => JSON.stringify(await infer(version))))).size,
    ).toBe(4);
    expect((await infer(2)).model_version).toBe('2');
    await rm(join(home, 'm/2'), { recursive: true });
    await load();
    await infer(2, 404);
    expect(await bodyOf(server.post('/v2/repository/index'))).toEqual(
      ['1', '3', '4'].map((version) => ({ name: 'm', version, state: 'READY', reason: '' })),
    );
  });

  it('stays where its new files are damaged or no model', async () => {
    const before = await predict();
    await put(2);
    await writeFile(join(home, 'm/2/weights.bin'), 'damaged');
    expect(await load(400)).toEqual({
      error: expect.stringMatching(/was not loaded.*2.weights\.bin.*damaged/) as string,
    });
    expect(await predict()).toEqual(before);
    await rm(join(home, 'm/2'), { recursive: true });
    await load();
    expect(await bodyOf(server.post('/v2/repository/models/none/load'), 404)).toHaveProperty('error');
  });

  it('can be unloaded, and loaded again', async () => {
    const before = await predict();
    await bodyOf(server.post('/v2/repository/models/m/unload'));
    expect(await bodyOf(server.post('/predict', body), 503)).toEqual({ error: "the model 'm' is not loaded" });
    expect(await bodyOf(server.get('/v2/models/m/ready'), 503)).toEqual({ name: 'm', ready: false });
    expect(await bodyOf(server.get('/v2/health/ready'), 503)).toEqual({ ready: false });
    await load();
    expect(await predict()).toEqual(before);
  });
});
