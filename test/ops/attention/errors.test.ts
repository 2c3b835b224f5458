import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions, init } from '../../../src/index.js';
import { attentionWithGradients } from '../../support/attention.js';
import { normal } from '../../support/normal.js';

/** What a message must hold, and the options, or the tensors, that lead to it. */
type Mistake = [message: string, options: unknown];

describe('without init', () => {
  it('says how to start', async () => {
    expect(() => attention(undefined as never, undefined as never, undefined as never)).toThrow(
      "attention: tfjs's backend was undefined; it must be 'wasm', started by await init()",
    );
    await tf.setBackend('wasm');
    const x = tf.ones([1, 1, 2, 2]);
    expect(() => attention(x, x, x)).toThrow("backend was 'wasm'; it must be 'wasm', started by await init()");
  });

  it('says so on another backend too', async () => {
    await init();
    const x = tf.ones([1, 1, 2, 2]);
    tf.registerBackend('another', () => new tf.KernelBackend());
    await tf.setBackend('another');
    expect(() => attention(x, x, x)).toThrow("backend was 'another'; it must be 'wasm', started by await init()");
    await tf.setBackend('wasm');
    expect(attention(x, x, x).dataSync()).toEqual(new Float32Array(4).fill(1));
  });
});

describe('a wrong argument', () => {
  let q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, dOut: tf.Tensor;
  let expected: unknown;
  let memory: tf.MemoryInfo;

  const product = () => tf.tidy(() => tf.matMul(k, v, true).dataSync());
  const sound = () => [attentionWithGradients({ q, k, v, dOut }, { causal: true }), product()];

  // B 2, H 4, G 2, N 3, M 5, D 6, E 7.
  beforeAll(async () => {
    await init();
    q = normal([2, 4, 3, 6]);
    k = normal([2, 2, 5, 6]);
    v = normal([2, 2, 5, 7]);
    dOut = normal([2, 4, 3, 7]);
    expected = sound();
    memory = tf.memory();
  });

  it.each<[message: string, tensors: () => { q?: unknown; k?: unknown; v?: unknown }]>([
    ['q was undefined; it must be a tf.Tensor', () => ({ q: undefined })],
    ['q was null; it must be a tf.Tensor', () => ({ q: null })],
    ['q was [[[1]]]; it must be a tf.Tensor', () => ({ q: [[[1]]] })],
    ['k was an instance of Float32Array; it must be a tf.Tensor', () => ({ k: new Float32Array(4) })],
    ['v was 3; it must be a tf.Tensor', () => ({ v: 3 })],
    ["v was ''; it must be a tf.Tensor", () => ({ v: '' })],
    ['v was null; it must be a tf.Tensor', () => ({ v: null })],
    ['q was int32; it must be float32', () => ({ q: tf.cast(q, 'int32') })],
    ['k was bool; it must be float32', () => ({ k: tf.cast(k, 'bool') })],
    ['v was string; it must be float32', () => ({ v: tf.tensor(['x'], [1, 1, 1, 1]) })],
    ['q was [4, 3, 6]; it must be [B, H, N, D]', () => ({ q: normal([4, 3, 6]) })],
    ['k was [1, 2, 2, 5, 6]; it must be [B, G, M, D]', () => ({ k: normal([1, 2, 2, 5, 6]) })],
    ['v was []; it must be [B, G, M, E]', () => ({ v: tf.scalar(1) })],
    ['q was [2, 4, 3, 0]; its last dimension D must be 1 or more', () => ({ q: tf.zeros([2, 4, 3, 0]) })],
    ['v was [2, 2, 5, 0]; its last dimension E must be 1 or more', () => ({ v: tf.zeros([2, 2, 5, 0]) })],
    ['k was [3, 2, 5, 6]; it must be [2, G, M, 6] to fit q, [2, 4, 3, 6]', () => ({ k: normal([3, 2, 5, 6]) })],
    ['k was [2, 2, 5, 8]; it must be [2, G, M, 6] to fit q, [2, 4, 3, 6]', () => ({ k: normal([2, 2, 5, 8]) })],
    ['v was [1, 2, 5, 7]; it must be [2, 2, 5, E] to fit k, [2, 2, 5, 6]', () => ({ v: normal([1, 2, 5, 7]) })],
    ['v was [2, 4, 5, 7]; it must be [2, 2, 5, E] to fit k, [2, 2, 5, 6]', () => ({ v: normal([2, 4, 5, 7]) })],
    ['v was [2, 2, 4, 7]; it must be [2, 2, 5, E] to fit k, [2, 2, 5, 6]', () => ({ v: normal([2, 2, 4, 7]) })],
    [
      'k was [2, 3, 5, 6]; its number of heads G = 3 must divide that of q, H = 4',
      () => ({ k: normal([2, 3, 5, 6]), v: normal([2, 3, 5, 7]) }),
    ],
    [
      'k was [2, 0, 5, 6]; its number of heads G = 0 must divide that of q, H = 4',
      () => ({ k: tf.zeros([2, 0, 5, 6]), v: tf.zeros([2, 0, 5, 7]) }),
    ],
    [
      'k was [2, 8, 5, 6]; its number of heads G = 8 must divide that of q, H = 4',
      () => ({ k: normal([2, 8, 5, 6]), v: normal([2, 8, 5, 7]) }),
    ],
    ['q is disposed; it must be a live tensor', () => ({ q: disposed(q.shape) })],
    ['k is disposed; it must be a live tensor', () => ({ k: disposed(k.shape) })],
    ['v is disposed; it must be a live tensor', () => ({ v: disposed(v.shape) })],
  ])('%s', (message, wrong) => {
    tf.tidy(() => {
      const all = { q, k, v, ...wrong() } as Record<'q' | 'k' | 'v', tf.Tensor>;
      expect(() => attention(all.q, all.k, all.v)).toThrow(`attention: ${message}`);
    });
  });

  function disposed(shape: number[]): tf.Tensor {
    const tensor = tf.zeros(shape);
    tensor.dispose();
    return tensor;
  }

  it.each<Mistake>([
    ['options was null; it must be an object', null],
    ["options was 'causal'; it must be an object", 'causal'],
    ['options was 3; it must be an object', 3],
    ["unknown option 'scal'; the options are kernel, scale", { scal: 0.5 }],
    ["unknown option 'keylengths'", { keylengths: [1, 1] }],
    ["unknown option 'Causal'", { Causal: true }],
    ["kernel was 'foo'; it must be 'softmax'", { kernel: 'foo' }],
    ['scale was NaN; it must be a finite float32 and not 0', { scale: NaN }],
    ['scale was Infinity; it must be', { scale: Infinity }],
    ['scale was 0; it must be', { scale: 0 }],
    ['scale was 1e-50; it must be', { scale: 1e-50 }],
    ['scale was 1e+39; it must be', { scale: 1e39 }],
    ["scale was '2'; it must be", { scale: '2' }],
    ['scale was null; it must be', { scale: null }],
    ['softcap was 0; it must be a finite float32 above 0', { softcap: 0 }],
    ['softcap was -1; it must be', { softcap: -1 }],
    ['softcap was NaN; it must be', { softcap: NaN }],
    ['softcap was Infinity; it must be', { softcap: Infinity }],
    ['softcap was 1e+39; it must be', { softcap: 1e39 }],
    ['softcap was 1e-50; it must be', { softcap: 1e-50 }],
    ['dropout was 1; it must be 0 or more and below 1', { dropout: 1 }],
    ['dropout was -0.1; it must be', { dropout: -0.1 }],
    ['dropout was NaN; it must be', { dropout: NaN }],
    ['dropout was true; it must be', { dropout: true }],
    ['dropout was 0.99999999; it must be', { dropout: 0.99999999 }],
    ['seed was 1.5; it must be an integer from -2147483648 to 4294967295', { seed: 1.5 }],
    ['seed was 4294967296; it must be', { seed: 2 ** 32 }],
    ['seed was -2147483649; it must be', { seed: -(2 ** 31) - 1 }],
    ["seed was '7'; it must be", { seed: '7' }],
    ['causal was 1; it must be true or false', { causal: 1 }],
    ["causal was 'yes'; it must be", { causal: 'yes' }],
    ['keyLengths was 5; it must be an array of 2 integers, one per sample', { keyLengths: 5 }],
    ['keyLengths was [5]; it must be an array of 2 integers', { keyLengths: [5] }],
    ['keyLengths was [5, 5, 5]; it must be an array of 2 integers', { keyLengths: [5, 5, 5] }],
    ['keyLengths was an instance of Tensor; it must be', () => ({ keyLengths: tf.tensor1d([1, 2], 'int32') })],
    ['keyLengths was null; it must be', { keyLengths: null }],
    ['keyLengths[1] was 6; it must be an integer from 0 to 5', { keyLengths: [5, 6] }],
    ['keyLengths[0] was -1; it must be', { keyLengths: [-1, 5] }],
    ['keyLengths[1] was 2.5; it must be', { keyLengths: [5, 2.5] }],
    ['keyLengths[0] was NaN; it must be', { keyLengths: [NaN, 5] }],
    ["keyLengths[0] was '5'; it must be", { keyLengths: ['5', 5] }],
    ['window was 3; it must be [left, right]', { window: 3 }],
    ['window was [3]; it must be [left, right]', { window: [3] }],
    ['window was [1, 2, 3]; it must be [left, right]', { window: [1, 2, 3] }],
    ['window[0] was -2; it must be an integer, -1 or more', { window: [-2, 0] }],
    ['window[1] was 0.5; it must be', { window: [0, 0.5] }],
    ['window[1] was Infinity; it must be', { window: [0, Infinity] }],
    ['window[0] was null; it must be', { window: [null, 1] }],
    ['queryOffset[0] was 1.5; it must be an integer', { queryOffset: 1.5 }],
    ['queryOffset[0] was NaN; it must be an integer', { queryOffset: NaN }],
    ['queryOffset[1] was Infinity; it must be an integer', { queryOffset: [0, Infinity] }],
    ['queryOffset was [1]; it must be an array of 2 integers, one per sample', { queryOffset: [1] }],
    ["queryOffset was '1'; it must be an array of 2 integers", { queryOffset: '1' }],
    ['mask was true; it must be a tf.Tensor', { mask: true }],
    ['mask was null; it must be a tf.Tensor', { mask: null }],
    ['mask was [[true]]; it must be a tf.Tensor', { mask: [[true]] }],
    ['mask was int32; it must be bool or float32', () => ({ mask: tf.ones([3, 5], 'int32') })],
    ['mask was [5, 3]; it must be broadcastable to [2, 4, 3, 5]', () => ({ mask: tf.ones([5, 3]) })],
    ['mask was [2, 3, 5]; it must be broadcastable to [2, 4, 3, 5]', () => ({ mask: tf.ones([2, 3, 5]) })],
    ['mask was [3, 0]; it must be broadcastable to [2, 4, 3, 5]', () => ({ mask: tf.ones([3, 0]) })],
    ['mask was [1, 2, 4, 3, 5]; it must be broadcastable', () => ({ mask: tf.ones([1, 2, 4, 3, 5]) })],
    ['mask is disposed; it must be a live tensor', () => ({ mask: disposed([3, 5]) })],
  ])('%s', (message, options) => {
    tf.tidy(() => {
      const wrong = (typeof options === 'function' ? (options as () => unknown)() : options) as AttentionOptions;
      expect(() => attention(q, k, v, wrong)).toThrow(`attention: ${message}`);
    });
  });

  it('is found inside a gradient as well', () => {
    const gradient = tf.grad((x: tf.Tensor) => attention(x, k, v, { scale: 0 }));
    expect(() => gradient(q)).toThrow('attention: scale was 0');
  });

  it('undefined stands for the default', () => {
    const options = { scale: undefined, mask: undefined, causal: undefined, unheardOf: undefined } as AttentionOptions;
    tf.tidy(() => {
      expect(attention(q, k, v, options).dataSync()).toEqual(attention(q, k, v).dataSync());
    });
  });

  it('leaves no tensor behind, and the heap intact', () => {
    expect(tf.memory()).toEqual(memory);
    expect(sound()).toEqual(expected);
  });
});
