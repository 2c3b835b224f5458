/** Malformed bodies: each is the client's error, says what is wrong, and leaves the server as it was. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { random } from '../support/random.js';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { malformed } from './malformedBodies.js';
import { bodyOf, saveModel, serveModels, type TestServer } from './serving.js';

const home = temporaryFolder();
const { SERVE_BODIES = '400', SERVE_SEED = '1' } = process.env;
let server: TestServer;

beforeAll(async () => {
  await saveModel(join(home, 'series'), 'series');
  server = await serveModels(home, ['series']);
});
afterAll(() => server.close());

it(`${SERVE_BODIES} malformed bodies from seed ${SERVE_SEED} on are 4xx each`, async () => {
  const predict = () => bodyOf(server.post('/predict', { cases: [[[1, 2]]] }));
  const before = await predict();
  const found: object[] = [];
  const ways = new Set<string>();
  let next = Number(SERVE_SEED);
  const end = next + Number(SERVE_BODIES);
  const client = async () => {
    while (next < end) {
      const seed = next++;
      const { what, path, body, headers } = malformed(random(seed));
      ways.add(what);
      const answer = await server.post(path, body, headers);
      const text = await answer.text();
      const { error } = JSON.parse(text) as { error?: string };
      if (answer.status < 400 || answer.status > 499 || !error) {
        found.push({ seed, what, status: answer.status, text, body: Buffer.from(body).toString().slice(0, 300) });
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  expect(found.slice(0, 5)).toEqual([]);
  expect(ways.size).toBeGreaterThan(Number(SERVE_BODIES) >= 400 ? 20 : 0);
  expect(await predict()).toEqual(before);
  expect(await (await server.get('/metrics')).text()).toMatch(/^primal_attention_worker_thread_ends_total 0$/m);
}, 600_000);
