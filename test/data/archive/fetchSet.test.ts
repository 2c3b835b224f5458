import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cacheFolder } from '../../../src/data/archive/cacheFolder.js';
import { DownloadError } from '../../../src/data/archive/downloadError.js';
import { fetchSet } from '../../../src/data/archive/fetchSet.js';
import { loadDataset } from '../../../src/data/loadDataset.js';
import { UnknownNameError } from '../../../src/checks/unknownNameError.js';
import { type FileServer, type Handler, sendFile, serve } from '../../support/fileServer.js';

const toy = strToU8('@classLabel true a b\n@data\n1,2:3,4:b\n');
const zip = zipSync({ 'Toy_TRAIN.ts': toy, 'Toy_TEST.ts': toy, 'Toy.txt': toy });
const send: Handler = (request, response) => sendFile(request, response, zip, { etag: '"1"' });
let cache: string;
let server: FileServer;
let answer: Handler;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'primal-attention-cache-'));
  answer = send;
  server = await serve((request, response, number) => answer(request, response, number));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await rm(cache, { recursive: true });
});

describe('fetchSet', () => {
  it('downloads a set once, and keeps its two files only', async () => {
    const options = { cache: join(cache, 'made', 'here'), archive: `${server.url}/` };
    const folder = await fetchSet('Toy', options);
    expect(folder).toBe(join(cache, 'made', 'here', 'Toy'));
    expect((await readdir(folder)).sort()).toEqual(['Toy_TEST.ts', 'Toy_TRAIN.ts']);
    expect(await readdir(join(folder, '..'))).toEqual(['Toy']);
    expect(await fetchSet('Toy', options)).toBe(folder);
    expect(server.requests.length).toBe(1);
  });

  it('downloads it once for all who ask at the same time', async () => {
    const found = await Promise.all([1, 2, 3].map(() => fetchSet('Toy', { cache, archive: server.url })));
    expect(found).toEqual(Array(3).fill(join(cache, 'Toy')));
    expect(server.requests.length).toBe(1);
  });

  it('does not wait for a process that is gone', async () => {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(child, 'exit');
    await writeFile(join(cache, 'Toy.lock'), `${child.pid}`);
    await mkdir(join(cache, 'Toy.unpacking'));
    expect(await fetchSet('Toy', { cache, archive: server.url })).toBe(join(cache, 'Toy'));
    expect(await readdir(cache)).toEqual(['Toy']);
  });

  it('keeps what has come of a broken download, and goes on next time', async () => {
    answer = (request, response, number) =>
      sendFile(request, response, zip, { etag: '"1"', breakAfter: number === 0 ? 100 : 0 });
    const options = { cache, archive: server.url };
    await expect(fetchSet('Toy', options)).rejects.toThrow(DownloadError);
    expect((await readdir(cache)).sort()).toEqual(['Toy.zip.part', 'Toy.zip.part.json']);
    answer = send;
    await fetchSet('Toy', options);
    expect(server.requests.at(-1)!.range).toBe('bytes=100-');
    expect(await readdir(cache)).toEqual(['Toy']);
  });

  it('goes on where a killed process stopped', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': zip.length, etag: '"1"' });
      response.write(zip.subarray(0, 100)); // and no more
    };
    const code = `const { loadDataset } = await import(process.argv[1]);
      await loadDataset('Toy', { download: true, archive: process.argv[2], cache: process.argv[3] });`;
    const built = new URL('../../../dist/index.js', import.meta.url).href;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, built, server.url, cache], {
      stdio: 'ignore',
    });
    const part = join(cache, 'Toy.zip.part');
    await vi.waitFor(async () => expect((await stat(part)).size).toBe(100), { timeout: 20_000 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await readdir(cache)).sort()).toEqual(['Toy.lock', 'Toy.zip.part', 'Toy.zip.part.json']);
    answer = send;
    await fetchSet('Toy', { cache, archive: server.url });
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=100-']);
    expect(await readdir(cache)).toEqual(['Toy']);
  });

  it('leaves nothing of archives that cannot be used, or are too large', async () => {
    const evil = zipSync({ 'Toy_TRAIN.ts': toy, '../evil': toy, 'Toy_TEST.ts': toy });
    answer = (request, response) => sendFile(request, response, evil);
    const options = { cache, archive: server.url };
    await expect(fetchSet('Toy', options)).rejects.toThrow('invalid relative path: ../evil');
    await expect(fetchSet('Toy', { ...options, largestDownload: 100 })).rejects.toThrow('it must have at most 100');
    answer = send;
    await expect(fetchSet('Toy', { ...options, largestUnpacked: 50 })).rejects.toThrow('must have at most 50');
    expect(await readdir(cache)).toEqual([]);
  });
});

describe('loadDataset by name', () => {
  it('downloads a set that is nowhere else, and finds it in the cache from then on', async () => {
    vi.stubEnv('PRIMAL_ATTENTION_ARCHIVE', server.url);
    vi.stubEnv('PRIMAL_ATTENTION_CACHE', cache);
    const steps: number[] = [];
    const { name, train } = await loadDataset('Toy', { download: true, onProgress: (done) => steps.push(done) });
    expect([name, train.labels]).toEqual(['Toy', [1]]);
    expect(steps.at(-1)).toBe(zip.length);
    await server.close();
    expect((await loadDataset('Toy')).train).toEqual(train);
    expect((await loadDataset('Toy', { download: false, archive: 'x:', cache })).train).toEqual(train);
  });

  it('takes a folder of that name, and an embedded set, before it asks', async () => {
    await loadDataset('JapaneseVowels', { archive: server.url, cache });
    await loadDataset('ListOps:1:1', { archive: server.url, cache });
    await expect(loadDataset(cache, { archive: server.url, cache })).rejects.toThrow(cache);
    expect(server.requests.length).toBe(0);
  });

  it('says that the archive has no such set, and which one may be meant', async () => {
    answer = (_, response) => void response.writeHead(404).end();
    const load = loadDataset('Handwritting', { download: true, archive: server.url, cache });
    await expect(load).rejects.toThrow(UnknownNameError);
    await expect(load).rejects.toThrow(
      "Did you mean 'Handwriting'? " +
        `It could not be downloaded: ${server.url}/Handwritting.zip: the server answered with status 404.`,
    );
  });

  it('says both, and soon, where the archive cannot be reached', async () => {
    await server.close();
    const start = performance.now();
    const load = loadDataset('JapanesVowel', { download: true, archive: server.url, cache });
    await expect(load).rejects.toThrow(/Did you mean 'JapaneseVowels'\? It could not be downloaded: .*ECONNREFUSED/);
    expect(performance.now() - start).toBeLessThan(2000);
    server = await serve(send);
  });

  it('gives the reason, and another way, for a set that the archive must have', async () => {
    answer = (_, response) => void response.writeHead(503).end();
    const load = loadDataset('Handwriting', { archive: server.url, cache });
    await expect(load).rejects.toThrow(DownloadError);
    await expect(load).rejects.toThrow(
      `${server.url}/Handwriting.zip: the server answered with status 503; try again, or put Handwriting_TRAIN.ts and ` +
        'Handwriting_TEST.ts into a folder by hand, and give the folder',
    );
  });

  it('does not send names to the archive that are not on its list, unless it is told to', async () => {
    for (const name of ['myfolder', 'Toy', 'handwriting', 'Handwritting', 'JapaneseVowel', 'patient-4711']) {
      const load = loadDataset(name, { archive: server.url, cache });
      await expect(load, name).rejects.toThrow(UnknownNameError);
      await expect(load, name).rejects.toThrow('A set that is not on the list needs --download (download: true).');
    }
    expect(server.requests).toEqual([]);
    answer = (_, response) => void response.writeHead(503).end();
    await expect(loadDataset('Handwriting', { archive: server.url, cache })).rejects.toThrow(DownloadError);
    expect(server.requests.length).toBeGreaterThan(0);
  });

  it('does not ask for paths, or if it must not', async () => {
    for (const name of ['no/Toy', '../Toy', 'Toy.zip', '']) {
      await expect(loadDataset(name, { archive: server.url, cache })).rejects.toThrow(UnknownNameError);
    }
    await expect(loadDataset('Toy', { archive: server.url, cache, download: false })).rejects.toThrow(UnknownNameError);
    expect(server.requests.length).toBe(0);
  });
});

describe('cacheFolder', () => {
  it('goes by the environment', async () => {
    vi.stubEnv('PRIMAL_ATTENTION_CACHE', '');
    vi.stubEnv('HOME', '/home/of');
    vi.stubEnv('XDG_CACHE_HOME', 'relative');
    expect(await cacheFolder()).toBe(join('/home/of', '.cache', 'primal-attention', 'datasets'));
    vi.stubEnv('XDG_CACHE_HOME', '/xdg');
    expect(await cacheFolder()).toBe(join('/xdg', 'primal-attention', 'datasets'));
    vi.stubEnv('PRIMAL_ATTENTION_CACHE', '/own');
    expect(await cacheFolder()).toBe('/own');
  });
});
