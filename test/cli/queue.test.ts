/** `compare --queue` and `worker` with a Redis of their own, and all that can happen to them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Started, startCommand, writeSlopes, small } from '../support/commandLine.js';
import { freePort } from '../support/freePort.js';
import { hasRedis, Network, RedisServer } from '../support/redisServer.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = temporaryFolder();
const cache = join(folder, 'cache');
const runs = [
  'compare',
  '--data',
  'Slopes',
  '--forms',
  'softmax,bn',
  '--seeds',
  '3',
  '--epochs',
  '2',
  ...small,
  '--json',
];
const names = ['softmax', 'bn'].flatMap((form) => [0, 1, 2].map((seed) => `Slopes  ${form}  seed ${seed}`));

const started: Started[] = [];
const ends: (() => unknown)[] = [];

function start(args: readonly string[], program?: string): Started {
  const command = startCommand(folder, args, { env: { PRIMAL_ATTENTION_CACHE: cache }, program });
  started.push(command);
  return command;
}

const compare = (output: string, ...args: string[]) => start([...runs, '--output', output, ...args]);

const startWorker = (url: string, ...args: string[]) =>
  start(['worker', '--queue', url, '--concurrency', '1', '--takeover', '3', ...args]);

/** Waits until a command has said something. */
async function said(command: Started, what: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const found = what.exec(command.text());
    if (found) return found;
    if (command.child.exitCode !== null) throw new Error(`ended without ${what}: ${command.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What must be the same wherever a comparison is computed. */
function figures(stdout: string): object {
  const document = JSON.parse(stdout, (key, value: unknown) =>
    ['seconds', 'folder', 'report'].includes(key) ? undefined : value,
  ) as object;
  return document;
}

/** The files of the models of a comparison, by run. */
function models(output: string): Record<string, string> {
  const files = readdirSync(join(folder, output, 'runs'), { recursive: true, withFileTypes: true });
  const kept = files.filter((file) => file.isFile() && file.parentPath !== join(folder, output, 'runs'));
  return Object.fromEntries(
    kept.map((file) => {
      const path = join(file.parentPath, file.name);
      return [path.slice(join(folder, output).length), readFileSync(path, 'base64')];
    }),
  );
}

/** How often each run is said to have been finished. */
const finishes = (text: string) => names.map((name) => text.split(`${name}: last `).length - 1);
/** How often runs were begun by some workers. */
const begun = (...workers: Started[]) =>
  workers.reduce((sum, { text }) => sum + text().split(': started').length - 1, 0);

async function startRedis(name: string): Promise<RedisServer> {
  mkdirSync(join(folder, name));
  const server = await RedisServer.start(join(folder, name));
  ends.push(() => server.stop());
  return server;
}

/** What is left in a Redis of runs and results. */
async function leftovers({ url }: RedisServer): Promise<string[]> {
  const redis = new Redis(url);
  try {
    return (await redis.keys('*')).filter((key) => /run-/.test(key));
  } finally {
    redis.disconnect();
  }
}

afterEach(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
  started.length = 0;
  for (const end of ends.splice(0)) await end();
});

describe.skipIf(!hasRedis)('with a Redis (skipped where no redis-server is installed)', { timeout: 240_000 }, () => {
  let here: { stdout: string };

  beforeAll(async () => {
    await writeSlopes(folder, 24, 12);
    mkdirSync(join(folder, 'Slopes'));
    await writeSlopes(join(folder, 'Slopes'), 24, 12);
    here = await startCommand(folder, [...runs, '--output', 'here']).ended;
  }, 120_000);

  it('gives what a comparison on this machine gives, and leaves nothing behind', async () => {
    const server = await startRedis('first redis');
    const comparison = compare('same', '--queue', `${server.url}/2`);
    await said(comparison, /no worker yet; start some: primal-attention worker --queue redis:/);
    const worker = startWorker(`${server.url}/2`, '--concurrency', '2');
    const { status, stdout, stderr } = await comparison.ended;
    expect(status, stderr).toBe(0);
    expect(figures(stdout)).toEqual(figures(here.stdout));
    expect(models('same')).toEqual(models('here'));
    expect(finishes(stderr)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(stderr).toMatch(new RegExp(`bn {2}seed 2: started \\(process ${worker.child.pid} of .+\\)`));
    expect(stderr).toMatch(/s of training on ./);
    expect(worker.text().match(/fetching the data set/g)?.length).toBe(1);
    expect(readdirSync(join(cache, '.queue')).length).toBe(1);
    expect(await leftovers(server)).toEqual([]);

    // A damaged copy is fetched again.
    const [hash] = readdirSync(join(cache, '.queue'));
    writeFileSync(join(cache, '.queue', hash), 'damaged');
    const again = await compare('again', '--queue', `${server.url}/2`, '--forms', 'softmax', '--seeds', '1').ended;
    expect(again.status, again.stderr).toBe(0);
    expect(worker.text().match(/fetching the data set/g)?.length).toBe(2);

    worker.child.kill('SIGINT');
    expect(await worker.ended).toMatchObject({ status: 0, stdout: '' });
  });

  it('loses no run and counts none twice when workers die, are cut off, and the Redis restarts', async () => {
    const server = await startRedis('second redis');
    const network = await Network.to(server.port);
    ends.push(() => network.close());
    const comparison = compare('chaos', '--queue', server.url, '--epochs', '2');
    const cutOff = startWorker(`redis://127.0.0.1:${network.port}`);
    await said(cutOff, /started/);
    network.cut();
    const killed = startWorker(server.url);
    await said(killed, /started/);
    killed.child.kill('SIGKILL');
    const good = startWorker(server.url);
    await said(good, /started/);
    await server.restart(500);
    await said(comparison, /connected again/);
    await said(comparison, /has fallen silent; another worker takes it over[^]*has fallen silent; another worker/);
    network.mend();
    await said(cutOff, /given up: another worker has taken it over/);
    const { status, stdout, stderr } = await comparison.ended;
    expect(status, stderr).toBe(0);
    expect(figures(stdout)).toEqual(figures(here.stdout));
    expect(models('chaos')).toEqual(models('here'));
    expect(finishes(stderr)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(begun(cutOff, killed, good)).toBeGreaterThanOrEqual(8);
    expect(await leftovers(server)).toEqual([]);
  });

  it('gives the runs of a worker that is stopped to another one at once', async () => {
    const server = await startRedis('third redis');
    const comparison = compare('stopped', '--queue', server.url);
    const first = startWorker(server.url, '--takeover', '3600');
    await said(first, /started/);
    const second = startWorker(server.url, '--takeover', '3600');
    first.child.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ status: 0 });
    expect(first.text()).toContain('given up: given back to the queue');
    const { status, stdout, stderr } = await comparison.ended;
    expect(status, stderr).toBe(0);
    expect(figures(stdout)).toEqual(figures(here.stdout));
    expect(begun(first, second)).toBe(7);
  });

  it('goes on when the comparison is started again, and computes nothing twice', async () => {
    const server = await startRedis('fourth redis');
    const first = compare('resumed', '--queue', server.url);
    const worker = startWorker(server.url);
    await said(first, /: last /);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await compare('resumed', '--queue', server.url).ended;
    expect(second.status, second.stderr).toBe(0);
    expect(second.stderr).toMatch(/^6 runs, [1-5] already finished/m);
    expect(figures(second.stdout)).toEqual(figures(here.stdout));
    expect(begun(worker)).toBe(6);
    expect(await leftovers(server)).toEqual([]);
  });

  it('withdraws what nobody has begun on Ctrl-C, and reports what fails', async () => {
    const server = await startRedis('fifth redis');
    const interrupted = compare('interrupted', '--queue', server.url);
    await said(interrupted, /6 runs, 0 already finished/);
    interrupted.child.kill('SIGINT');
    expect((await interrupted.ended).status).toBe(130);
    expect(interrupted.text()).toMatch(/^error: interrupted; finished runs are in interrupted/m);
    expect(await leftovers(server)).toEqual([]);

    mkdirSync(join(folder, 'Few'));
    await writeSlopes(join(folder, 'Few'), 2, 4, 'Few');
    startWorker(server.url);
    const failing = await compare('failing', '--data', 'Few', '--seeds', '1', '--queue', server.url).ended;
    expect(failing.status).toBe(1);
    expect(failing.stderr).toMatch(
      /^error: 2 of 2 runs failed:\n {2}Few, \w+, seed 0: stratifiedSplit: no class had two/m,
    );
    expect(await leftovers(server)).toEqual([]);
  });

  it('refuses workers and comparisons of another version', async () => {
    const server = await startRedis('sixth redis');
    const other = otherBuild('another version', { version: '9.9.9' });
    const worker = start(['worker', '--queue', server.url], other);
    await said(worker, /worker at/);
    const comparison = await compare('version', '--queue', server.url).ended;
    expect(comparison).toMatchObject({ status: 1, stdout: '' });
    expect(comparison.stderr).toMatch(
      /error: the workers at the queue are of another version of primal-attention than this comparison, [\d.]+: .*: 9\.9\.9; install/,
    );
    worker.child.kill('SIGTERM');
    await worker.ended;
    const waiting = compare('waiting', '--queue', server.url);
    await said(waiting, /6 runs, 0/);
    const refused = await start(['worker', '--queue', server.url], other).ended;
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(
      /error: the comparisons at the queue are of another version .* this worker, 9\.9\.9: /,
    );
  });

  it('is what `npm run simulate` measures', () => {
    const sizes = ['--workers', '3', '--runs', '9', '--milliseconds', '40', '--processes', '2', '--kilobytes', '5000'];
    // Its status depends on how busy the machine is.
    const { stdout, stderr } = spawnSync(process.execPath, ['scripts/simulate.mjs', ...sizes], {
      ...{ cwd: root, encoding: 'utf8' },
    });
    expect(stdout, stderr).toMatch(
      /^9 of 9 runs of 40 ms on [23] of 3 workers; 0 failed, 0 were computed more than once$/m,
    );
    expect(stdout).toMatch(/^plan: 0\.1 s; took: [\d.]+ s/m);
    expect(stdout).toMatch(/^between two runs of a worker: mean [\d.]+ ms/m);
  });

  it('names a database that the Redis does not have', async () => {
    const server = await startRedis('seventh redis');
    const { status, stderr } = await start(['worker', '--queue', `${server.url}/99`]).ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: redis:.*\/99: ERR DB index is out of range; it must be the address of a redis-server/,
    );
  });
});

/** A copy of the built package with other facts in its package.json, and without some packages. */
function otherBuild(name: string, facts: object, without: readonly string[] = []): string {
  const copy = join(folder, name);
  mkdirSync(join(copy, 'node_modules'), { recursive: true });
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as object;
  writeFileSync(join(copy, 'package.json'), JSON.stringify({ ...manifest, ...facts }));
  for (const entry of readdirSync(join(root, 'node_modules'))) {
    if (without.includes(entry)) continue;
    symlinkSync(join(root, 'node_modules', entry), join(copy, 'node_modules', entry));
  }
  return join(copy, 'dist/cli/main.js');
}

describe('without a Redis', () => {
  it.each(['worker', 'compare'])('%s ends with status 1 and the reason', async (command) => {
    const url = `redis://somebody:secret@127.0.0.1:${await freePort()}/1`;
    const data = command === 'compare' ? ['--data', 'JapaneseVowels', '--output', 'nowhere'] : [];
    const { status, stdout, stderr } = await start([command, ...data, '--queue', url]).ended;
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: redis:\/\/somebody:\*\*\*@127\.0\.0\.1:\d+\/1: connect ECONNREFUSED .*; it must be the address of a redis-server/m,
    );
    expect(stderr).not.toMatch(/secret|^\s+at /m);
  });

  it('says what to install where the packages are missing', async () => {
    const program = otherBuild('without packages', {}, ['bullmq']);
    const { status, stderr } = await start(['worker', '--queue', 'redis://127.0.0.1:1'], program).ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: --queue needs the packages bullmq and ioredis, and bullmq is not installed; .*: npm install bullmq ioredis$/m,
    );
    expect(execFileSync(process.execPath, [program, 'info', '--json'], { encoding: 'utf8' })).toContain('"simd"');
  });

  it('leaves processes to the workers', async () => {
    const { status, stderr } = await start([...runs, '--queue', 'redis://127.0.0.1:1', '--jobs', '2']).ended;
    expect(status).toBe(2);
    expect(stderr).toContain('--jobs was 2 with --queue; give each worker its --concurrency instead');
  });
});
