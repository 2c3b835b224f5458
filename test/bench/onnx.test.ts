/** The ONNX models of the peers: their bytes, and, where npm run bench:peers has installed the peers, what they compute. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { composedAttention, fusedAttention, product } from '../../bench/peers/onnx.js';
import { swapMiddle } from '../../bench/peers/cases.js';
import { difference } from '../../bench/peers/check.js';
import { float, integer, message, text } from '../../bench/peers/protobuf.js';
import { normal } from '../../bench/random.js';

const peers = new URL('../../bench/peers/package.json', import.meta.url);

describe('protobuf', () => {
  it('encodes as the specification says', () => {
    expect([...integer(1, 300)]).toEqual([0x08, 0xac, 0x02]);
    expect([...text(2, 'testing')]).toEqual([0x12, 7, ...Buffer.from('testing')]);
    expect([...message(3, [integer(1, 150)])]).toEqual([0x1a, 3, 0x08, 0x96, 0x01]);
    expect([...float(2, 1)]).toEqual([0x15, 0, 0, 0x80, 0x3f]);
    expect([...integer(20, 1)]).toEqual([0xa0, 0x01, 1]);
  });
});

describe('difference', () => {
  it('is relative to the scale, and infinite for what is no number', () => {
    expect(difference(Float32Array.of(4, 0), Float32Array.of(4, 1))).toBe(0.25);
    expect(difference(Float32Array.of(4, 0), Float32Array.of(4, NaN))).toBe(Infinity);
    expect(difference(Float32Array.of(4), Float32Array.of(4, 0))).toBe(Infinity);
  });
});

interface Ort {
  InferenceSession: { create: (model: Uint8Array, options: object) => Promise<Session> };
  Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => { data: Float32Array };
  env: { wasm: { numThreads?: number } };
}
interface Session {
  run: (feeds: object) => Promise<Record<string, { data: Float32Array }>>;
}

describe.skipIf(!existsSync(new URL('node_modules/onnxruntime-web', peers)))('models in onnxruntime-web', () => {
  const ort = () => createRequire(peers)('onnxruntime-web') as Ort;

  async function run(model: Uint8Array, operands: Record<string, [data: Float32Array, dims: number[]]>) {
    const { InferenceSession, Tensor, env } = ort();
    env.wasm.numThreads = 1;
    const session = await InferenceSession.create(model, { executionProviders: ['wasm'] });
    const feeds = Object.fromEntries(
      Object.entries(operands).map(([name, [data, dims]]) => [name, new Tensor('float32', data, dims)]),
    );
    return (await session.run(feeds)).out.data;
  }

  it('agree about attention, and multiply', async () => {
    const shape: [number, number, number, number] = [2, 2, 5, 8];
    const [q, k, v] = ['q', 'k', 'v'].map((name) => normal(name, 160));
    const composed = await run(composedAttention({ kind: 'attention', shape }), {
      q: [q, shape],
      k: [k, shape],
      v: [v, shape],
    });
    const into = (data: Float32Array): [Float32Array, number[]] => [swapMiddle(data, shape), [2, 5, 16]];
    const fused = await run(fusedAttention({ kind: 'attention', shape }), { q: into(q), k: into(k), v: into(v) });
    expect(difference(composed, swapMiddle(fused, [2, 5, 2, 8]))).toBeLessThan(1e-5);

    const operands: Record<string, [Float32Array, number[]]> = {
      a: [Float32Array.of(1, 2, 3, 4), [2, 2]],
      b: [Float32Array.of(5, 6), [2, 1]],
    };
    expect([...(await run(product({ kind: 'matMul', shape: [2, 2, 1] }), operands))]).toEqual([17, 39]);
  });
});
