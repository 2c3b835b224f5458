/** tfjs-core's own published tests of the operations whose kernels this package replaces or adds, gradients included. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { init } from '../../src/ops/init.js';

const published = {
  'ops/mat_mul_test': () => import('@tensorflow/tfjs-core/dist/ops/mat_mul_test.js'),
  'ops/fused/fused_mat_mul_test': () => import('@tensorflow/tfjs-core/dist/ops/fused/fused_mat_mul_test.js'),
  'ops/gather_test': () => import('@tensorflow/tfjs-core/dist/ops/gather_test.js'),
  'ops/unsorted_segment_sum_test': () => import('@tensorflow/tfjs-core/dist/ops/unsorted_segment_sum_test.js'),
};

/** Published tests that say nothing about this backend, each with the reason. */
const inapplicable = new Map([
  ['fills with zero when index is out of bound', 'its assertions stand behind a check for webgl and webgpu'],
]);

/** Kernels that the published tests are here to try. */
const kernels = ['BatchMatMul', '_FusedMatMul', 'UnsortedSegmentSum'];
const kernelFunction = (name: string) => tf.getKernel(name, 'wasm')?.kernelFunc;

const skipped: string[] = [];
let ran = 0;

/** Jasmine's `it`, counting what runs. */
function publishedTest(name: string, body: () => unknown): void {
  const reason = inapplicable.get(name);
  if (reason === undefined) {
    it(name, async () => {
      ran++;
      await body();
    });
  } else {
    skipped.push(name);
    it.skip(`${name} (${reason})`);
  }
}

// Jasmine's way to say that a test which throws nothing has passed.
expect.extend({ nothing: () => ({ pass: true, message: () => 'expected nothing' }) });
Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it: publishedTest });

const replaced = kernels.map(kernelFunction);
// On the shared heap, whatever the machine has.
await init({ threads: 2 });
setTestEnvs([{ name: 'wasm', backendName: 'wasm', isDataSync: true }]);

for (const [file, load] of Object.entries(published)) {
  describe(file, async () => {
    await load();
  });
}

describe('the published tests', () => {
  it('ran, every one that applies', () => {
    const { resolve } = createRequire(import.meta.url);
    const sources = Object.keys(published).map((file) =>
      readFileSync(resolve(`@tensorflow/tfjs-core/dist/${file}.js`), 'utf8'),
    );
    const written = sources.join('\n').match(/^\s*it\(/gm)?.length ?? 0;
    expect(ran).toBeGreaterThan(0);
    expect(ran + skipped.length).toBe(written);
    expect(skipped).toEqual([...inapplicable.keys()]);
  });

  it.each(kernels)('ran against our %s', (name) => {
    expect(kernelFunction(name)).toBeTypeOf('function');
    expect(kernelFunction(name)).not.toBe(replaced[kernels.indexOf(name)]);
  });
});
