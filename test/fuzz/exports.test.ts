/**
 * Calls of everything that the package exports, and of its kernels, with whatever arguments: `npm run fuzz`. Results are
 * finite or there is an error in words; nothing outside a call's own tensors is read or written; nothing is left behind.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { builds, initBuild } from '../support/builds.js';
import { GuardedHeap } from '../support/guardedHeap.js';
import { exportedData } from './calls/dataCalls.js';
import { kernelCalls, recordKernels } from './calls/kernelCalls.js';
import { exportedLayers } from './calls/layerCalls.js';
import { exportedModels } from './calls/modelCalls.js';
import { exportedOps, innerOps } from './calls/opCalls.js';
import { type Generator, runCall } from './runCall.js';
import { sentinel } from './sentinel.js';
import { runInTemporaryFolder } from '../support/temporaryFolder.js';

runInTemporaryFolder();

// scripts/fuzz.mjs sets these.
const cases = Number(process.env.FUZZ_CASES ?? 600);
const first = Number(process.env.FUZZ_SEED ?? 0);
/** Names of calls, parted by commas; default: all. */
const only = process.env.FUZZ_ONLY?.split(',');

const exported: Record<string, Generator> = { ...exportedOps, ...exportedLayers, ...exportedModels, ...exportedData };

/** Functions that are tried elsewhere, with what is special about them. */
const elsewhere = ['init', 'info'];

it('every exported function has calls', () => {
  const isError = (value: unknown) => typeof value === 'function' && value.prototype instanceof Error;
  const functions = Object.entries(pa).filter(([, value]) => typeof value === 'function' && !isError(value));
  expect([...Object.keys(exported), ...elsewhere].sort()).toEqual(functions.map(([name]) => name).sort());
});

/** All, or, in a run of all tests, those of ops and kernels. */
const all: Record<string, Generator> = process.env.FUZZ_CASES
  ? { ...exported, ...innerOps }
  : { ...exportedOps, ...innerOps };

/** Cases of one test, as often as progress is reported. */
const BATCH = 250;

const setups = builds.flatMap((build) => [1, 2].map((threads) => ({ build, threads })));
const seedsOf = (turn: number) =>
  Array.from({ length: cases }, (_, i) => first + i).filter((seed) => seed % setups.length === turn);

describe.each(setups.map((setup, turn) => ({ ...setup, turn })).filter(({ turn }) => seedsOf(turn).length > 0))(
  'calls, $build build, $threads threads',
  ({ build, threads, turn }) => {
    let heap: GuardedHeap;
    let check: () => string | undefined;
    let calls: [string, Generator][];

    beforeAll(async () => {
      await initBuild(build, threads);
      const every = Object.entries({ ...all, ...kernelCalls(await recordKernels()) });
      calls = only ? every.filter(([name]) => only.includes(name)) : every;
      expect(calls).not.toEqual([]);
      check = sentinel();
      heap = new GuardedHeap();
    });
    afterAll(async () => {
      heap.stop();
      await pa.init();
    });

    const own = seedsOf(turn);
    const batches = Array.from({ length: Math.ceil(own.length / BATCH) }, (_, i) =>
      own.slice(BATCH * i, BATCH * (i + 1)),
    );

    it.each(batches.map((seeds) => [seeds[0], seeds.at(-1)!, seeds] as const))(
      'seeds %i to %i',
      { timeout: 1_200_000 },
      async (_from, _to, seeds) => {
        const faults: string[] = [];
        for (const seed of seeds) {
          // Each seed once around all calls would take the same ones for a build; so they go by the seed's own turn.
          const [name, make] = calls[Math.floor(seed / setups.length) % calls.length];
          faults.push(...(await runCall(name, make, seed, heap, check)));
        }
        expect(faults).toEqual([]);
      },
    );
  },
);
