/** /metrics: what it counts, and that Prometheus takes it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { bodyOf, saveModel, serveModels, type TestServer } from './serving.js';

const home = temporaryFolder();
let server: TestServer;

const promtool = spawnSync('promtool', ['--version']).status === 0;
if (!promtool) console.warn('No promtool is installed (Debian: prometheus): the check of /metrics is skipped.');

beforeAll(async () => {
  await saveModel(join(home, 'm'), 'series');
  server = await serveModels(home, ['m']);
  await Promise.all(Array.from({ length: 7 }, () => bodyOf(server.post('/predict', { cases: [[[1, 2]], [[3, 4]]] }))));
  await bodyOf(server.post('/v2/models/m/infer', {}), 400);
  await bodyOf(server.get('/nothing'), 404);
});
afterAll(() => server.close());

const text = async () => (await server.get('/metrics')).text();

describe('/metrics', () => {
  it('counts requests, cases and batches', async () => {
    const found = await text();
    const value = (name: string) => {
      const line = found.split('\n').find((line) => line.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.slice(name.length));
    };
    const prefix = 'primal_attention';
    expect(value(`${prefix}_requests_total{route="/predict",status="200"}`)).toBe(7);
    expect(value(`${prefix}_requests_total{route="/v2/models/:name/infer",status="400"}`)).toBe(1);
    expect(value(`${prefix}_requests_total{route="none",status="404"}`)).toBe(1);
    expect(value(`${prefix}_request_duration_seconds_count{route="/predict"}`)).toBe(7);
    expect(value(`${prefix}_queue_wait_seconds_count`)).toBe(8);
    expect(value(`${prefix}_batch_requests_sum{model="m"}`)).toBe(8);
    expect(value(`${prefix}_batch_cases_sum{model="m"}`)).toBe(14);
    expect(value(`${prefix}_queue_requests`)).toBe(0);
    expect(value(`${prefix}_worker_threads`)).toBe(2);
    expect(value(`${prefix}_worker_thread_ends_total`)).toBe(0);
    expect(value(`${prefix}_model_memory_bytes{model="m",version="1"}`)).toBeGreaterThan(65536);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(found).toMatch(
      /^primal_attention_model_info\{model="m",version="1",task="classification",kind="series",precision="float32",build="\w+"\} 1$/m,
    );
  });

  it.skipIf(!promtool)('is as promtool wants it', async () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await text(),
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    const wrong = spawnSync('promtool', ['check', 'metrics'], { input: '# TYPE a_total gauge\na_total 1\n' });
    expect(wrong.status).not.toBe(0);
  });
});
