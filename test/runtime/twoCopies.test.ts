/** A project with a second copy of one of tfjs's packages, as npm makes one for versions that do not go together. */
import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { userProject } from '../support/userProject.js';

const tensorflow = fileURLToPath(new URL('../../node_modules/@tensorflow/', import.meta.url));

const attend = `
  import * as tf from '@tensorflow/tfjs-core';
  import '@tensorflow/tfjs-backend-wasm';
  import * as pa from 'primal-attention';
  if (process.argv[2] === 'started') await tf.setBackend('wasm');
  const say = async () => {
    await pa.init({ threads: 1 });
    const x = tf.ones([1, 1, 4, 4]);
    const gradient = tf.grad((v) => tf.sum(pa.attention(x, x, v)))(x);
    return [...gradient.dataSync(), ...pa.attention(x, x, x).dataSync()];
  };
  console.log(JSON.stringify(await say().catch(({ message }) => message)));`;
const folder = userProject({ 'core/program.js': attend, 'wasm/program.js': attend });
for (const [part, name] of [
  ['core', 'tfjs-core'],
  ['wasm', 'tfjs-backend-wasm'],
]) {
  cpSync(join(tensorflow, name), join(folder, part, 'node_modules/@tensorflow', name), { recursive: true });
}

async function run(part: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, part, 'program.js'), ...args]);
  return JSON.parse(stdout) as unknown;
}

const attended = new Array<number>(32).fill(1);

it('two of tfjs-core are one engine', async () => {
  expect(await run('core')).toEqual(attended);
  expect(await run('core', 'started')).toEqual(attended);
});

it('two of the backend are an error where the other one computes already, and else our own computes', async () => {
  expect(await run('wasm')).toEqual(attended);
  expect(await run('wasm', 'started')).toBe(
    "init: tfjs's 'wasm' backend is that of another copy of @tensorflow/tfjs-backend-wasm than primal-attention has; they must " +
      'be one: npm ls @tensorflow/tfjs-backend-wasm shows both, and where a bundler has made them of one, as Next.js does for ' +
      'pages and routes of one server, its serverExternalPackages must name primal-attention and the packages of @tensorflow',
  );
});
