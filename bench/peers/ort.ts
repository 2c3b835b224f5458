// onnxruntime-node and onnxruntime-web, in a process of their own.

import type { Setting, Subject } from '../processes/subject.js';
import { type KernelCase, operandsOf, type PeerFacts, swapMiddle } from './cases.js';
import { requirePeer } from './requirePeer.js';
import * as onnx from './onnx.js';

/** As much of both packages as is used. */
interface Tensor {
  data: Float32Array;
}
interface Session {
  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>;
}
interface Runtime {
  InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => Tensor;
  env: { wasm: { numThreads?: number }; versions: Record<string, string | undefined> };
}

/** One way to compute a case: a model, with operands in the layout that it takes. */
interface Way {
  model: Uint8Array;
  dims: (dims: number[]) => number[];
  /** From our layout to the model's, and back from it. */
  into: (data: Float32Array, dims: number[]) => Float32Array;
  back: (data: Float32Array) => Float32Array;
}

const asIs = { dims: (dims: number[]) => dims, into: (data: Float32Array) => data, back: (data: Float32Array) => data };

function waysOf(one: KernelCase): Record<string, Way> {
  if (one.kind === 'matMul') return { MatMul: { model: onnx.product(one), ...asIs } };
  const [batch, heads, positions, headWidth] = one.shape;
  return {
    composed: { model: onnx.composedAttention(one), ...asIs },
    MultiHeadAttention: {
      model: onnx.fusedAttention(one),
      dims: () => [batch, positions, heads * headWidth],
      into: (data) => swapMiddle(data, [batch, heads, positions, headWidth]),
      back: (data) => swapMiddle(data, [batch, positions, heads, headWidth]),
    },
  };
}

/** `setting.build` is the package's name. */
export async function prepare(one: KernelCase, { threads, build }: Setting): Promise<Subject<PeerFacts>> {
  const ort = requirePeer(build) as Runtime;
  ort.env.wasm.numThreads = threads;
  const facts: PeerFacts = { version: ort.env.versions[build.replace('onnxruntime-', '')] ?? '', results: {} };
  const calls: Subject['calls'] = {};
  for (const [name, { model, dims, into, back }] of Object.entries(waysOf(one))) {
    const executionProviders = [build === 'onnxruntime-web' ? 'wasm' : 'cpu'];
    const options = { executionProviders, intraOpNumThreads: threads, interOpNumThreads: 1 };
    const session = await ort.InferenceSession.create(model, options);
    const feeds = Object.fromEntries(
      operandsOf(one).map((operand) => {
        const tensor = new ort.Tensor('float32', into(operand.data, operand.dims), dims(operand.dims));
        return [operand.name, tensor];
      }),
    );
    facts.results[name] = back((await session.run(feeds)).out.data);
    calls[name] = async () => void (await session.run(feeds));
  }
  return { facts, calls };
}
