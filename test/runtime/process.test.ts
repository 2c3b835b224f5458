/** Processes that compute with threads, from the built package: they end by themselves, and leave no thread behind. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { platform } from '../../src/runtime/platform/node.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a child process has at hand: `threadCount()` is that of its operating system threads. */
const prelude = `
  import { readdirSync } from 'node:fs';
  import * as tf from '@tensorflow/tfjs-core';
  import * as pa from './dist/index.js';
  const threadCount = () => readdirSync('/proc/self/task').length;
  const say = (value) => console.log(JSON.stringify(value));
`;

interface Ended {
  status: number;
  /** The JSON documents that it said. */
  said: unknown[];
  stderr: string;
  seconds: number;
}

function run(script: string): Promise<Ended> {
  const begin = performance.now();
  return new Promise((resolve) => {
    const args = ['--input-type=module', '--eval', prelude + script];
    execFile(process.execPath, args, { cwd: root, timeout: 50_000 }, (error, stdout, stderr) =>
      resolve({
        status: error ? ((error.code ?? -1) as number) : 0,
        said: stdout
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as unknown),
        stderr,
        seconds: (performance.now() - begin) / 1000,
      }),
    );
  });
}

const onLinux = it.skipIf(!existsSync('/proc/self/task'));

it('a process ends by itself, with threads asleep, at work or looked after', async () => {
  const { status, said, stderr, seconds } = await run(`
    await pa.init({ threads: 3 });
    const a = tf.ones([400, 400]);
    const end = performance.now() + 200;
    while (performance.now() < end) tf.dispose(tf.matMul(a, a));
    say(pa.info().threads);
  `);
  expect({ status, said, stderr }).toEqual({ status: 0, said: [3], stderr: '' });
  expect(seconds).toBeLessThan(10);
});

it('a process ends by itself where nobody waits for init, and with a thread that died', async () => {
  expect(await run(`pa.init({ threads: 3 }).then(({ threads }) => say(threads));`)).toMatchObject({
    ...{ status: 0, said: [3], stderr: '' },
  });
  const died = await run(`
    process.on('worker', (worker) => void setTimeout(() => worker.terminate(), 500));
    await pa.init({ threads: 2 });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])).data();
  `);
  expect(died.status).toBeGreaterThan(0);
  expect(died.stderr).toContain('ThreadError: thread 1 died');
});

onLinux('100 times threads and none again leave no thread behind', async () => {
  const { status, said, stderr } = await run(`
    await pa.init({ threads: 2 });
    await pa.init({ threads: 1 });
    const before = threadCount();
    const bytes = process.memoryUsage().rss;
    for (let cycle = 0; cycle < 100; cycle++) {
      await pa.init({ threads: 2 });
      if (cycle % 10 === 0) tf.dispose(tf.matMul(tf.ones([300, 300]), tf.ones([300, 300])));
      await pa.init({ threads: 1 });
    }
    say(threadCount() - before);
    say(Math.round((process.memoryUsage().rss - bytes) / 2 ** 20));
  `);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(said[0]).toBe(0);
  // Mebibytes.
  expect(said[1]).toBeLessThan(100);
});

onLinux('threads end with the backend, and with a pool that broke', async () => {
  const { status, said } = await run(`
    const counts = [];
    const settled = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      counts.push(threadCount());
    };
    await pa.init({ threads: 1 });
    await settled();
    await pa.init({ threads: 3 });
    await settled();
    tf.removeBackend('wasm');
    await settled();
    let first;
    process.once('worker', (worker) => (first = worker));
    await pa.init({ threads: 4 });
    await first.terminate();
    await pa.init({ threads: 2 });
    await settled();
    say(counts.map((count) => count - counts[0]));
  `);
  expect({ status, said }).toEqual({ status: 0, said: [[0, 2, 0, 1]] });
});

const withWide = it.runIf(platform.whyNotWide() === undefined);

withWide('vectors of 256 bits start in a process whose first kernels were narrow', async () => {
  const { said, stderr } = await run(`
    await pa.init({ threads: 2 });
    say((await pa.init({ threads: 1, wide: true })).build);
  `);
  expect({ said, stderr }).toEqual({ said: ['wide-shared'], stderr: '' });
});

withWide('a V8 that does not fuse vectors is found out', async () => {
  const { said, stderr } = await run(`
    // The flag that fuses counts as given, so nobody switches it on.
    process.execArgv.push('--experimental-wasm-revectorize');
    const { build, notes } = await pa.init({ threads: 1, wide: 'auto' });
    say([build, ...notes]);
    await pa.init({ threads: 1, wide: true }).catch(({ message }) => say(message));
  `);
  const reason = expect.stringMatching(
    /V8 fuses no vectors here: products take \d\.\d times as long as with 128 bits/,
  ) as string;
  expect({ said, stderr }).toEqual({ said: [['relaxed', reason], reason], stderr: '' });
});

it('threads cost little at the start', async () => {
  const starts = async (threads: number) => {
    const { said } = await run(`
      const begin = process.cpuUsage();
      await pa.init({ threads: ${threads} });
      const { user, system } = process.cpuUsage(begin);
      say((user + system) / 1e3);
    `);
    return said[0] as number;
  };
  const [one, two]: number[][] = [[], []];
  for (let round = 0; round < 5; round++) {
    one.push(await starts(1));
    two.push(await starts(2));
  }
  // Milliseconds of computing in all threads, which what else the machine does hardly changes.
  expect(Math.min(...two) - Math.min(...one)).toBeLessThan(200);
});
