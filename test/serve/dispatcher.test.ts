/** Queue, batches and time limits, and worker threads that end in the middle of their work. */
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BatchReport, Dispatcher, type DispatchLimits } from '../../dist/serve/dispatcher.js';
import { ModelRepository } from '../../dist/serve/models/modelRepository.js';
import { serverDefaults } from '../../dist/serve/serverOptions.js';
import { WorkerPool } from '../../dist/serve/worker/workerPool.js';
import { WorkerThread } from '../../dist/serve/worker/workerThread.js';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { saveModel } from './serving.js';

// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on threads
const original = WorkerThread.prototype.answer;
const home = temporaryFolder();
const pools: WorkerPool[] = [];

beforeAll(() => saveModel(join(home, 'tokens'), 'tokens'));
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

const body = Buffer.from('{"cases":["a b"]}');
const request = { form: 'predict', body, type: 'application/json' } as const;

/** A pool and what stands before it, with the model loaded. */
async function start(threads: number, limits: Partial<DispatchLimits> = {}) {
  const pool = new WorkerPool(threads);
  pools.push(pool);
  const repository = new ModelRepository([{ name: 'm', folder: join(home, 'tokens') }], pool, {
    batchSize: 8,
    precision: 'float32',
  });
  const batches: BatchReport[] = [];
  const dispatcher = new Dispatcher(pool, repository, { ...serverDefaults, ...limits }, (one) => batches.push(one));
  const ends: string[] = [];
  pool.start({ onIdle: () => dispatcher.pump(), onEnd: ({ message }) => ends.push(message) });
  await repository.load('m');
  const submit = () => dispatcher.submit(repository.find('m'), request);
  return { pool, repository, dispatcher, batches, ends, submit };
}

describe('batches', () => {
  it('gather what waits, up to their limit, and share it among the threads', async () => {
    const { submit, batches } = await start(2, { maxBatch: 8 });
    const answers = await Promise.all(Array.from({ length: 40 }, () => submit().answer));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    const sizes = batches.map(({ requests }) => requests);
    expect(sizes.reduce((a, b) => a + b)).toBe(40);
    expect(Math.max(...sizes)).toBe(8);
    expect(batches.reduce((sum, { cases }) => sum + cases, 0)).toBe(40);
  });

  it('wait for others as long as told', async () => {
    const { submit, batches } = await start(1, { maxBatch: 2, maxDelay: 300 });
    const begin = performance.now();
    await submit().answer;
    expect(performance.now() - begin).toBeGreaterThanOrEqual(299);
    expect(batches.map(({ requests }) => requests)).toEqual([1]);
  });

  it('wait for nobody once they are full', async () => {
    const { submit, batches } = await start(1, { maxBatch: 2, maxDelay: 60_000, timeout: 30_000 });
    await Promise.all([submit().answer, submit().answer]);
    expect(batches.map(({ requests }) => requests)).toEqual([2]);
  });
});

describe('limits', () => {
  it('of the queue: more are refused at once, and told when to come again', async () => {
    const { submit, dispatcher } = await start(1, { maxQueue: 3 });
    const answers = Array.from({ length: 3 }, () => submit().answer);
    expect(dispatcher.waiting).toBe(3);
    expect(submit).toThrow(
      expect.objectContaining({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) as string } }),
    );
    await Promise.all(answers);
    expect((await submit().answer).status).toBe(200);
  });

  it('of time: what takes longer is given up, and the thread is replaced', async () => {
    const { submit, ends, pool } = await start(1, { timeout: 200 });
    const answer = vi.spyOn(WorkerThread.prototype, 'answer').mockReturnValueOnce(new Promise(() => undefined));
    const [stuck, waiting] = [submit().answer, submit().answer];
    await expect(stuck).rejects.toMatchObject({ status: 504, message: 'no answer within 200 ms' });
    await expect(waiting).rejects.toMatchObject({ status: 504 });
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    await vi.waitFor(() => expect(pool.readyCount).toBe(1), { timeout: 20_000 });
    answer.mockRestore();
    expect((await submit().answer).status).toBe(200);
  });

  it('of patience: a request whose client has gone is not computed', async () => {
    const { submit, dispatcher, batches, repository } = await start(1);
    const gone = submit();
    gone.cancel();
    await expect(gone.answer).rejects.toMatchObject({ status: 499 });
    expect(dispatcher.waiting).toBe(0);
    expect(repository.find('m').pending).toBe(0);
    await submit().answer;
    expect(batches.map(({ requests }) => requests)).toEqual([1]);
  });
});

describe('a thread that ends', () => {
  it('loses no request: others answer what it had', async () => {
    const { submit, ends, pool } = await start(2, { maxBatch: 4 });
    const answer = vi.spyOn(WorkerThread.prototype, 'answer');
    const kills = new Set([2, 5]);
    answer.mockImplementation(function (this: WorkerThread, ...args) {
      const result = original.apply(this, args);
      if (kills.has(answer.mock.calls.length)) void this.end();
      return result;
    });
    const answers = await Promise.all(Array.from({ length: 60 }, () => submit().answer));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(ends).toHaveLength(2);
    await vi.waitFor(() => expect(pool.readyCount).toBe(2), { timeout: 20_000 });
    expect((await submit().answer).status).toBe(200);
  });

  it('again and again on a request: that one is an error, those beside it are not', async () => {
    const { submit, dispatcher, repository, ends } = await start(2, { maxBatch: 8 });
    const answer = vi.spyOn(WorkerThread.prototype, 'answer');
    const deadly = { ...request, type: 'text/deadly' };
    answer.mockImplementation(function (this: WorkerThread, key, requests) {
      if (!requests.some(({ type }) => type === deadly.type)) return original.call(this, key, requests);
      return this.end().then(() => Promise.reject(new Error('a worker thread ended: it was ended')));
    });
    const others = Array.from({ length: 5 }, () => submit().answer);
    const poison = dispatcher.submit(repository.find('m'), deadly).answer;
    others.push(...Array.from({ length: 5 }, () => submit().answer));
    await expect(poison).rejects.toMatchObject({ status: 500, message: 'a worker thread ended: it was ended' });
    expect((await Promise.all(others)).every(({ status }) => status === 200)).toBe(true);
    expect(ends).toHaveLength(3);
  });
});
