import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
expect.extend({ nothing: () => ({ pass: true, message: () => '' }) });
Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it });
setTestEnvs([{ name: 'wasm', backendName: 'wasm', isDataSync: true }]);
await tf.setBackend('wasm');

describe('m', async () => { await import('@tensorflow/tfjs-core/dist/ops/mat_mul_test'); });
describe('g', async () => { await import('@tensorflow/tfjs-core/dist/ops/gather_test'); });
describe('u', async () => { await import('@tensorflow/tfjs-core/dist/ops/unsorted_segment_sum_test'); });
describe('f', async () => { await import('@tensorflow/tfjs-core/dist/ops/fused/fused_mat_mul_test'); });
