/** The Dockerfiles of examples/, whose steps are run one after the other in a folder of their own: there is no Docker here. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { saveModel } from '../serve/serving.js';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { freePort } from '../support/freePort.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const execute = promisify(execFile);
/** For what is installed, and removed again. */
const PATIENCE = 300_000;
const home = temporaryFolder(PATIENCE);
const context = join(home, 'context');

beforeAll(async () => {
  await mkdir(context);
  await execute('npm', ['pack', '--loglevel=error', '--pack-destination', context], { cwd: root });
}, PATIENCE);

/** Instructions of a Dockerfile with their arguments. */
async function instructionsOf(example: string): Promise<[string, string][]> {
  const text = await readFile(join(root, 'examples', example, 'Dockerfile'), 'utf8');
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  return lines.flatMap((line): [string, string][] => {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    return name ? [[name, rest]] : [];
  });
}

const list = (text: string) => JSON.parse(text) as string[];

/** Does what a Dockerfile says, with `folder` in place of the container's root: what the container would run, and check. */
async function build(example: string, folder: string) {
  const image = {
    entrypoint: [] as string[],
    cmd: [] as string[],
    check: [] as string[],
    env: {} as NodeJS.ProcessEnv,
  };
  const app = join(folder, 'app');
  for (const [name, rest] of await instructionsOf(example)) {
    // Paths from the container's root; nobody here may become another user.
    const here = rest.replaceAll(/(?<=[\s=]|^)\/(app|cache)/g, `${folder}/$1`).replaceAll(/ && chown node \S+/g, '');
    if (name === 'WORKDIR') await mkdir(here, { recursive: true });
    else if (name === 'COPY') {
      expect(rest).toBe('primal-attention-*.tgz ./');
      for (const file of await readdir(context)) await copyFile(join(context, file), join(app, file));
    } else if (name === 'RUN') await execute('sh', ['-c', here], { cwd: app, env: { ...process.env, ...image.env } });
    else if (name === 'ENV') {
      const [key, value] = here.split('=');
      image.env[key] = value;
    } else if (name === 'ENTRYPOINT') image.entrypoint = list(rest);
    else if (name === 'CMD') image.cmd = list(rest);
    else if (name === 'HEALTHCHECK') image.check = list(rest.replace(/^.*CMD /, ''));
    else expect(['FROM', 'USER', 'EXPOSE']).toContain(name);
  }
  return { ...image, app };
}

describe('the Dockerfile', () => {
  it(
    'of a server serves a folder of models, is healthy, and ends as `docker stop` asks',
    async () => {
      const { entrypoint, cmd, check, app } = await build('docker', join(home, 'server'));
      expect(cmd).toEqual(['--model', '/models']);
      await saveModel(join(home, 'models/1'), 'series');
      const port = `${await freePort()}`;
      const [program, ...args] = entrypoint;
      const child = spawn(program, [...args, '--model', join(home, 'models'), '--port', port], { cwd: app });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
      const ended = once(child, 'exit');
      await expect.poll(() => said, { timeout: 60_000 }).toContain('Serving models at');
      const [node, ...code] = check.map((argument) => argument.replace(':8080/', `:${port}/`));
      await execute(node, code);
      const answer = await fetch(`http://127.0.0.1:${port}/predict`, { method: 'POST', body: '{"cases": [[[1, 2]]]}' });
      expect(await answer.json()).toMatchObject({ predictions: [{ label: expect.any(String) as string }] });
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      await expect(execute(node, code)).rejects.toThrow(); // no longer healthy
    },
    PATIENCE,
  );

  it(
    'of a worker has all that a queue needs',
    async () => {
      const { entrypoint, env, app } = await build('queue', join(home, 'worker'));
      expect(await readdir(env.PRIMAL_ATTENTION_CACHE!)).toEqual([]);
      const [program, ...args] = entrypoint;
      const worker = execute(program, [...args, 'worker', '--queue', `redis://127.0.0.1:${await freePort()}`], {
        cwd: app,
      });
      // The packages are there: it gets as far as the Redis, which is not.
      await expect(worker).rejects.toThrow(/connect ECONNREFUSED/);
    },
    PATIENCE,
  );
});
