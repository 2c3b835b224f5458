/** The command: what it says when it is ready, signals, and flags that it refuses. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../dist/cli/run.js';
import { bodyOf, saveModel } from '../serve/serving.js';
import { commandLine, runCommand } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const children: ChildProcess[] = [];

beforeAll(async () => {
  await saveModel(join(folder, 'runs/one'), 'series', 1);
  await saveModel(join(folder, 'runs/two'), 'series', 2);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Serving {
  child: ChildProcess;
  url: string;
  stderr: () => string;
  ended: Promise<number | null>;
}

/** Starts the command, and waits for its line. */
function serve(...args: string[]): Promise<Serving> {
  const child = spawn(process.execPath, [commandLine, 'serve', '--port', '0', '--threads', '1', ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let said = '';
  return new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const [, url] = /^Serving .* at (http:\S+)$/m.exec(said) ?? [];
      if (url) resolve({ child, url, stderr: () => said, ended });
    });
    void ended.then((status) => reject(new Error(`ended with ${status}: ${said}`)));
  });
}

const cases = [[[1, 2], [3, 4]]]; // prettier-ignore
const predict = (url: string, headers: Record<string, string> = {}, query = '') =>
  fetch(`${url}/predict${query}`, { method: 'POST', body: JSON.stringify({ cases }), headers });

describe('serve', () => {
  it('names models after their folders, or as told, and listens on loopback', async () => {
    const { url, stderr } = await serve('--model', 'runs/one,other=runs/two');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(stderr()).toContain('Serving one, other at ');
    const [one, other] = await Promise.all(['one', 'other'].map((name) => bodyOf(predict(url, {}, `?model=${name}`))));
    expect(one).not.toEqual(other);
  });

  it('answers what has been asked before SIGTERM ends it', async () => {
    const { child, url, ended } = await serve('--model', 'runs/one', '--max-delay', '700');
    const asked = predict(url);
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGTERM');
    expect((await asked).status).toBe(200);
    expect(await ended).toBe(0);
    await expect(predict(url)).rejects.toThrow();
  });

  it('loads models anew on SIGHUP, and keeps what it has where it cannot', async () => {
    await cp(join(folder, 'runs/one'), join(folder, 'changing/1'), { recursive: true });
    const { child, url, stderr } = await serve('--model', 'changing');
    const before = await bodyOf(predict(url));
    await cp(join(folder, 'runs/two'), join(folder, 'changing/2'), { recursive: true });
    child.kill('SIGHUP');
    await vi.waitFor(async () => expect(await bodyOf(predict(url))).not.toEqual(before), { timeout: 20_000 });
    const after = await bodyOf(predict(url));
    expect(await bodyOf(fetch(`${url}/v2/models/changing`))).toMatchObject({ versions: ['1', '2'] });

    await mkdir(join(folder, 'changing/3'));
    await writeFile(join(folder, 'changing/3/model.json'), '{}');
    child.kill('SIGHUP');
    await vi.waitFor(() => expect(stderr()).toContain('"msg":"model not loaded"'), { timeout: 20_000 });
    expect(await bodyOf(predict(url))).toEqual(after);
  });

  it('asks for the token of --token, but not for its health', async () => {
    await writeFile(join(folder, 'token.txt'), 'secret-1\n');
    const { url } = await serve('--model', 'runs/one', '--token', 'token.txt');
    const refused = await predict(url);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(await bodyOf(refused, 401)).toEqual({ error: "the bearer token was missing; it must be the server's" });
    await bodyOf(predict(url, { authorization: 'Bearer secret-2' }), 401);
    await bodyOf(predict(url, { authorization: 'Bearer secret-1' }));
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await fetch(`${url}/v2/health/ready`)).status).toBe(200);
  });
});

describe('refused', () => {
  it.each([
    [['--port', '65536'], 'It must be an integer from 0 to 65535'],
    [['--max-batch', '0'], 'It must be an integer from 1 to 4096'],
    [['--max-delay', '-1'], 'It must be 0 or more'],
    [['--max-queue', 'many'], 'It must be an integer from 1'],
    [['--precision', 'int4'], 'It must be one of float32, int8.'],
    [['--log-level', 'warnn'], 'Did you mean'],
    [['--threads', '0'], 'It must be a positive integer'],
    [['--model', 'a/m,b/m'], "Two models are named 'm'"],
    [['--model', ''], 'A name is missing'],
    [['--json'], "unknown option '--json'"],
  ])('%j', async (flags, message) => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const status = await run(['serve', '--model', 'runs/one', ...flags]);
    const said = write.mock.calls.join('');
    write.mockRestore();
    expect(said).toContain(message);
    expect(status).toBe(2);
  });

  it('a token that is none: status 2; a model that is not there, or a port that is taken: status 1', async () => {
    await writeFile(join(folder, 'empty.txt'), '\n');
    const empty = await runCommand(folder, ['serve', '--model', 'runs/one', '--token', 'empty.txt']);
    expect(empty).toMatchObject({ status: 2, stdout: '' });
    expect(empty.stderr).toContain("the file 'empty.txt' must hold one token");
    const missing = await runCommand(folder, ['serve', '--model', 'runs/none', '--port', '0']);
    expect(missing).toMatchObject({ status: 1, stdout: '' });
    expect(missing.stderr).toMatch(/^error: .*none.*there is no such file or folder/m);
    const { url } = await serve('--model', 'runs/one');
    const taken = await runCommand(folder, ['serve', '--model', 'runs/one', '--port', new URL(url).port]);
    expect(taken).toMatchObject({ status: 1 });
    expect(taken.stderr).toMatch(/^error: .*EADDRINUSE/m);
  });
});
