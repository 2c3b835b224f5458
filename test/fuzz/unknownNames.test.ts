/** A name that nobody knows, anywhere in the arguments of any export, is an error that names it. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { random } from '../support/random.js';
import { exportedData } from './calls/dataCalls.js';
import { exportedLayers } from './calls/layerCalls.js';
import { exportedModels } from './calls/modelCalls.js';
import { exportedOps } from './calls/opCalls.js';
import { placesIn } from './mutate.js';
import type { Generator } from './runCall.js';
import { runInTemporaryFolder } from '../support/temporaryFolder.js';

runInTemporaryFolder();

beforeAll(() => pa.init({ threads: 1 }));

const all = { ...exportedOps, ...exportedLayers, ...exportedModels, ...exportedData };
/** kindOf asks for one field of what it is given. */
const calls: [string, Generator][] = Object.entries(all).filter(([name]) => name !== 'kindOf');

const isPlain = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const UNKNOWN = 'nobodysOption';

it.each(calls)('%s', async (name, make) => {
  const missed: string[] = [];
  // Several seeds, since each call has some of the options only.
  for (let seed = 0; seed < 6; seed++) {
    const args = () => make(random(`${name} ${seed}`)).args;
    const places = placesIn(args() as never).map(([holder, key], place) => [place, key, isPlain(holder[key])] as const);
    for (const [place, key] of places.filter(([, , isObject]) => isObject)) {
      const call = make(random(`${name} ${seed}`));
      const [holder] = placesIn(call.args as never)[place];
      holder[key] = { ...(holder[key] as object), [UNKNOWN]: 1 };
      tf.engine().startScope();
      const outcome = await Promise.resolve()
        .then(() => (call.run as (...all: unknown[]) => unknown)(...call.args))
        .then(() => 'accepted')
        .catch((error: Error) => error.message);
      tf.engine().endScope();
      if (!outcome.includes(UNKNOWN)) missed.push(`${key}, seed ${seed}: ${outcome}`);
    }
  }
  expect(missed).toEqual([]);
});
