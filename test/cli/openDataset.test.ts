import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDataset } from '../../src/cli/openDataset.js';
import { Output } from '../../src/cli/output.js';
import { type FileServer, sendFile, serve } from '../support/fileServer.js';

const toy = strToU8('@classLabel true a b\n@data\n1,2:3,4:b\n');
const zip = zipSync({ 'Toy_TRAIN.ts': toy, 'Toy_TEST.ts': toy });
const cases = '1 case x 2 positions x 2 channels; classes: a (0), b (1)';
const doubts =
  'warning: Toy, training part: all cases are of one class\nwarning: Toy, training part: there is no case of a\n';
let cache: string;
let server: FileServer;
let said: string;
const { isTTY } = process.stderr;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'primal-attention-open-'));
  server = await serve((request, response) => sendFile(request, response, zip));
  vi.stubEnv('PRIMAL_ATTENTION_ARCHIVE', server.url);
  vi.stubEnv('PRIMAL_ATTENTION_CACHE', cache);
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(async () => {
  process.stderr.isTTY = isTTY;
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await server.close();
  await rm(cache, { recursive: true });
});

describe('openDataset', () => {
  it('tells of a download, and only of that', async () => {
    process.stderr.isTTY = false;
    expect((await openDataset('Toy', new Output({}), { kind: 'series', download: true })).train.series.length).toBe(1);
    const read = `Toy, training part: ${cases}\nToy, test part: ${cases}\n${doubts}`;
    expect(said).toBe(`downloading Toy (0.0 MB)\n0.0 MB of Toy received\n${read}`);
    said = '';
    await openDataset('Toy', new Output({}));
    expect(said).toBe(read);
    said = '';
    await openDataset('JapaneseVowels', new Output({}));
    expect(said).toMatch(
      /^JapaneseVowels, training part: 270 cases x 7 to 26 positions x 12 channels; classes: 1 \(30\), .*9 \(30\)\n.*\n$/,
    );
  });

  it('shows a bar on a terminal', async () => {
    process.stderr.isTTY = true;
    await openDataset('Toy', new Output({}), { download: true });
    expect(said).toMatch(/100 % \| downloading Toy \| 0\.0 MB/);
  });

  it('says nothing but what nobody should miss if it shall be quiet', async () => {
    await openDataset('Toy', new Output({ quiet: true }), { download: true });
    expect(server.requests.length).toBe(1);
    expect(said).toBe(doubts);
  });
});
