// A grid of runs on many machines, simulated on this one: `npm run simulate -- [--workers 50] [--runs 1000]
// [--milliseconds 2000] [--kilobytes 200] [--processes 5] [--queue redis://...]`. Queue, comparison and workers are the real
// ones; a run sleeps, and gives a model of so many kilobytes. Without --queue it starts a redis-server of its own. Exit
// status 1 if a run is lost or repeated, or the queue takes 50 ms or more a run.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readOptions } from './options.mjs';

const VERSION = 'simulation';
/** Milliseconds that the queue may take a run. */
const MOST_OVERHEAD = 50;

const experiments = (name) => import(`../dist/experiments/${name}.js`);

/** A process with some of the workers; tells the parent when runs began and ended. */
async function work() {
  const [{ connectQueue }, { startQueueWorker }] = await Promise.all([
    experiments('queue/connectQueue'),
    experiments('queue/queueWorker'),
  ]);
  const [{ url, hosts, milliseconds, kilobytes, cache }] = await once(process, 'message');
  process.env.PRIMAL_ATTENTION_CACHE = cache;
  const workers = hosts.map(async (host) => {
    const connection = await connectQueue(url, console.error);
    const compute = async ({ config, folder }, { onProgress }) => {
      const began = Date.now();
      for (let epoch = 1; epoch <= config.epochs; epoch++) {
        await pause(Math.max(0, began + (epoch * milliseconds) / config.epochs - Date.now()));
        onProgress({ stage: 'training', epoch, score: 0.5 });
      }
      writeFileSync(join(folder, 'weights.bin'), Buffer.alloc(1000 * kilobytes, config.seed));
      process.send({ host, seed: config.seed, began, ended: Date.now() });
      const scores = { loss: 0.5, accuracy: 0.5 };
      const test = { last: scores, validation: null, best: scores };
      const curves = { training: [], validation: null };
      const result = { parameters: 0, seconds: milliseconds / 1000, test, chosen: null, curves };
      return { result, arithmetic: { build: 'simulated', bits: '' } };
    };
    return startQueueWorker({
      ...{ connection, version: VERSION, concurrency: 1, threads: 1, takeover: 30, onEvent: () => {} },
      ...{ compute, host },
    });
  });
  await Promise.all(workers);
  process.send('ready');
}

/** A redis-server of its own. */
async function startRedis(folder) {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  server.once('error', ({ message }) => {
    console.error(`redis-server: ${message}; install it, or give the address of one with --queue`);
    process.exit(1);
  });
  for await (const text of server.stdout) if (`${text}`.includes('Ready to accept')) break;
  return { server, url: `redis://127.0.0.1:${port}` };
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

/** What each worker did between two runs, in milliseconds, sorted. */
function gapsOf(done) {
  const byHost = new Map();
  for (const run of done) byHost.set(run.host, [...(byHost.get(run.host) ?? []), run]);
  const gaps = [...byHost.values()].flatMap((runs) => {
    runs.sort((a, b) => a.began - b.began);
    return runs.slice(1).map(({ began }, index) => began - runs[index].ended);
  });
  return { workers: byHost.size, gaps: gaps.sort((a, b) => a - b) };
}

async function simulate({ workers, runs, milliseconds, kilobytes, processes, queue }) {
  const [{ compareForms }, { connectQueue }, { QueuePlace }] = await Promise.all([
    experiments('compareForms'),
    experiments('queue/connectQueue'),
    experiments('queue/queuePlace'),
  ]);
  const { loadDataset } = await import('../dist/data/loadDataset.js');
  const folder = mkdtempSync(join(tmpdir(), 'primal-attention-simulation-'));
  const redis = queue === undefined ? await startRedis(folder) : { url: queue };
  const children = Array.from({ length: Math.min(processes, workers) }, () =>
    fork(fileURLToPath(import.meta.url), ['--work']),
  );
  try {
    const done = [];
    const ready = children.map((child, index) => {
      const own = Array.from({ length: workers }, (_, n) => n).filter((n) => n % children.length === index);
      child.on('message', (message) => message !== 'ready' && done.push(message));
      const hosts = own.map((n) => `machine${n + 1}`);
      child.send({ url: redis.url, hosts, milliseconds, kilobytes, cache: join(folder, 'cache') });
      return once(child, 'message');
    });
    await Promise.all(ready);
    const connection = await connectQueue(redis.url, console.error);
    const place = new QueuePlace({ connection, version: VERSION, wide: false, fresh: true, onNotice: console.error });
    const dataset = await loadDataset('JapaneseVowels');
    const start = Date.now();
    const { records, failed } = await compareForms({
      ...{ data: [{ dataset, source: 'JapaneseVowels' }], forms: ['softmax'], sizes: {}, seeds: runs, place },
      ...{ epochs: 10, batchSize: 16, learningRate: 1e-3, schedule: 'cosine', validation: 0, headCases: 0 },
      ...{ version: VERSION, output: join(folder, 'runs') },
    });
    const seconds = (Date.now() - start) / 1000;
    await place.close();
    connection.close();

    const found = gapsOf(done);
    const { gaps } = found;
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const first = (Math.min(...done.map(({ began }) => began)) - start) / 1000;
    const last = seconds - (Math.max(...done.map(({ ended }) => ended)) - start) / 1000;
    const plan = (Math.ceil(runs / workers) * milliseconds) / 1000;
    console.log(
      `${records.length} of ${runs} runs of ${milliseconds} ms on ${found.workers} of ${workers} workers; ` +
        `${failed.length} failed, ${done.length - runs} were computed more than once\n` +
        `plan: ${plan.toFixed(1)} s; took: ${seconds.toFixed(1)} s, of which ${first.toFixed(1)} s before the first run began and ` +
        `${last.toFixed(1)} s after the last one ended\n` +
        `between two runs of a worker: mean ${mean.toFixed(1)} ms, median ${quantile(gaps, 0.5)}, ` +
        `99 % ${quantile(gaps, 0.99)}, longest ${gaps.at(-1)}`,
    );
    if (records.length !== runs || done.length !== runs || !(mean < MOST_OVERHEAD)) process.exitCode = 1;
  } finally {
    for (const child of children) child.kill();
    redis.server?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--work') await work();
else {
  const options = readOptions(
    'npm run simulate -- [--workers 50] [--runs 1000] [--milliseconds 2000] [--kilobytes 200] [--processes 5] [--queue URL]',
    { workers: [50, 1], runs: [1000, 2], milliseconds: [2000, 1], kilobytes: [200, 0], processes: [5, 1] },
    { queue: { type: 'string' } },
  );
  await simulate(options);
}
