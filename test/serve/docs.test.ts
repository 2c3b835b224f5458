/** The curl commands of docs/serve.md, run against a server of a model as they expect it. */
import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as pa from 'primal-attention';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandsOf } from '../docs/pages.js';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { serveModels, type TestServer } from './serving.js';

const home = temporaryFolder();
const commands = commandsOf('docs/serve.md').filter((line) => line.startsWith('curl '));
const hasCurl = spawnSync('curl', ['--version']).status === 0 && process.platform !== 'win32';
if (!hasCurl) console.warn('No curl is installed: the commands of docs/serve.md are not run.');
let server: TestServer;

beforeAll(async () => {
  await pa.init();
  const model = pa.timeSeriesClassifier({ channels: 12, length: 29, classes: 9, width: 8, heads: 2, feedForward: 8 });
  await pa.save(model, join(home, 'vowels'));
  const row = Array.from({ length: 12 }, (_, c) => c);
  await writeFile(
    join(home, 'new.csv'),
    [`case,${row.map((c) => `c${c}`).join(',')}`, `1,${row.join(',')}`, ''].join('\n'),
  );
  server = await serveModels(home, ['vowels']);
});
afterAll(() => server.close());

describe.skipIf(!hasCurl)('docs/serve.md', () => {
  it('has commands', () => expect(commands.length).toBeGreaterThan(5));

  it.each(commands)('%s', async (line) => {
    const own = line.replaceAll('http://127.0.0.1:8080', server.url);
    expect(own).not.toBe(line);
    const { stdout } = await promisify(execFile)('sh', ['-c', own], { cwd: home });
    expect(stdout).not.toBe('');
    if (line.includes('/infer')) {
      const answer = { name: 'label', datatype: 'BYTES', shape: [1], data: [expect.stringMatching(/^\d$/)] };
      expect(JSON.parse(stdout)).toEqual({ model_name: 'vowels', model_version: '1', id: '42', outputs: [answer] });
    }
  });
});
