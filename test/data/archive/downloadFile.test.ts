import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DownloadError } from '../../../src/data/archive/downloadError.js';
import { downloadFile, type DownloadOptions } from '../../../src/data/archive/downloadFile.js';
import { type FileServer, type Handler, sendFile, serve } from '../../support/fileServer.js';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251));
const etag = '"1"';
let folder: string;
let path: string;
let server: FileServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'primal-attention-download-'));
  path = join(folder, 'file.zip');
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

async function download(handler: Handler, options: Partial<DownloadOptions> = {}): Promise<void> {
  await server?.close();
  server = await serve(handler);
  await downloadFile(`${server.url}/file.zip`, path, { maximum: 1e6, timeout: 2000, ...options });
}

describe('downloadFile', () => {
  it('writes the file and nothing else, and tells how far it is', async () => {
    const progress: [number, number | undefined][] = [];
    await download((request, response) => sendFile(request, response, content, { etag }), {
      onProgress: (done, total) => progress.push([done, total]),
    });
    expect((await readFile(path)).equals(content)).toBe(true);
    expect(await readdir(folder)).toEqual(['file.zip']);
    expect(progress.at(-1)).toEqual([300_000, 300_000]);
    expect(progress.map(([done]) => done)).toEqual(progress.map(([done]) => done).sort((a, b) => a - b));
    expect(server!.requests[0]).toMatchObject({ 'accept-encoding': 'identity' });
    expect(server!.requests[0].range).toBeUndefined();
  });

  it('takes a file whose size the server does not tell', async () => {
    const totals = new Set<number | undefined>();
    await download((_, response) => void response.end(content), { onProgress: (_, total) => totals.add(total) });
    expect((await readFile(path)).equals(content)).toBe(true);
    expect([...totals]).toEqual([300_000]);
    await download((_, response) => void (response.write(content), response.end()), {
      onProgress: (_, total) => totals.add(total),
    });
    expect([...totals]).toEqual([300_000, undefined]);
  });

  it('goes on where a connection broke, as long as each try brings something', async () => {
    await download((request, response) => sendFile(request, response, content, { etag, breakAfter: 100_000 }));
    expect((await readFile(path)).equals(content)).toBe(true);
    expect(server!.requests.map(({ range, 'if-range': version }) => [range, version])).toEqual([
      [undefined, undefined],
      ['bytes=100000-', etag],
      ['bytes=200000-', etag],
    ]);
  });

  it('leaves the part to a later call if no try brings more', async () => {
    const broken: Handler = (request, response, number) =>
      sendFile(request, response, content, { etag, breakAfter: number === 0 ? 120_000 : 0 });
    await expect(download(broken)).rejects.toThrow(DownloadError);
    expect((await stat(`${path}.part`)).size).toBe(120_000);
    expect(existsSync(path)).toBe(false);
  });

  it('begins anew if the file is another one by now, or its version is not known', async () => {
    let answer: Handler = (request, response, number) =>
      sendFile(request, response, content, { etag, breakAfter: number === 0 ? 1000 : 0 });
    server = await serve((request, response, number) => answer(request, response, number));
    const url = `${server.url}/file.zip`;
    const options = { maximum: 1e6, timeout: 2000 };
    await expect(downloadFile(url, path, options)).rejects.toThrow(DownloadError);
    const other = content.subarray(7);
    answer = (request, response) => sendFile(request, response, other, { etag: '"2"' });
    await downloadFile(url, path, options);
    expect(server.requests.at(-1)).toMatchObject({ range: 'bytes=1000-', 'if-range': '"1"' });
    expect((await readFile(path)).equals(other)).toBe(true);

    for (const version of [undefined, 'W/"3"']) {
      answer = (request, response) => sendFile(request, response, content, { etag: version, breakAfter: 1000 });
      await expect(downloadFile(url, path, options)).rejects.toThrow(DownloadError);
      answer = (request, response) => sendFile(request, response, content, { etag: version });
      await downloadFile(url, path, options);
      expect(server.requests.at(-1)!.range).toBeUndefined();
      expect((await readFile(path)).equals(content)).toBe(true);
    }
  });

  it('begins anew if the server sends another range, or refuses it', async () => {
    for (const wrong of [
      { status: 206, range: 'bytes 5-299999/300000' },
      { status: 206, range: undefined },
      { status: 416, range: undefined },
    ]) {
      await download((request, response, number) => {
        if (!request.headers.range) {
          sendFile(request, response, content, { etag, breakAfter: number === 0 ? 100_000 : Infinity });
        } else {
          response.writeHead(wrong.status, wrong.range ? { 'content-range': wrong.range } : {});
          response.end(content.subarray(5));
        }
      });
      expect((await readFile(path)).equals(content)).toBe(true);
      expect(server!.requests.length).toBe(3);
    }
  });

  it('says what the server answered instead of the file', async () => {
    await expect(download((_, response) => void response.writeHead(404).end('no'))).rejects.toThrow(
      /^http:.*file\.zip: the server answered with status 404$/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses a file that is too large, by what the server says and by what it sends', async () => {
    const maximum = 200_000;
    const send: Handler = (request, response) => sendFile(request, response, content, { etag });
    await expect(download(send, { maximum })).rejects.toThrow('has 300000 bytes or more; it must have at most 200000');
    const endless: Handler = (_, response) =>
      void setInterval(() => response.write(content.subarray(0, 9999)), 1).unref();
    await expect(download(endless, { maximum })).rejects.toThrow('it must have at most 200000');
    expect(await readdir(folder)).toEqual([]);
  });

  it('gives up on a server that says nothing, or nothing more', async () => {
    await expect(download(() => {}, { timeout: 100 })).rejects.toThrow('nothing came for 0.1 s');
    await expect(
      download((_, response) => void response.writeHead(200, { 'content-length': 9, etag }).write('abc'), {
        timeout: 100,
      }),
    ).rejects.toThrow('nothing came for 0.1 s');
  });

  it('says why there is no connection', async () => {
    server = await serve(() => {});
    const { url } = server;
    await server.close();
    server = undefined;
    await expect(downloadFile(`${url}/file.zip`, path, { maximum: 1, timeout: 2000 })).rejects.toThrow(/ECONNREFUSED/);
  });

  it('names the path that cannot be written', async () => {
    path = join(folder, 'none', 'file.zip');
    await expect(download((request, response) => sendFile(request, response, content))).rejects.toThrow('ENOENT');
  });
});
