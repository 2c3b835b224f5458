// Arguments that nobody should give.

import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Random } from '../support/random.js';

/** Runs `make` while `cpu` is tfjs's backend: the data stays there until a kernel reads it. */
export function onCpu<T>(make: () => T): T {
  void tf.setBackend('cpu');
  try {
    return make();
  } finally {
    void tf.setBackend('wasm');
  }
}

function disposed(shape: number[]): tf.Tensor {
  const tensor = tf.zeros(shape);
  tensor.dispose();
  return tensor;
}

/** A shape that is like another one, but not it. */
function shapeLike(rng: Random, shape: readonly number[]): number[] {
  const other = [...shape];
  const at = rng.integer(0, Math.max(0, other.length - 1));
  switch (rng.integer(0, 7)) {
    case 0:
      other[at] = 0;
      break;
    case 1:
      other[at] = (other[at] ?? 0) + 1;
      break;
    case 2:
      other[at] = Math.max(0, (other[at] ?? 0) - 1);
      break;
    case 3:
      other.splice(at, 1);
      break;
    case 4:
      other.splice(at, 0, rng.integer(1, 3));
      break;
    case 5:
      other.reverse();
      break;
    case 6:
      other[at] = 1;
      break;
    default:
      other[at] = rng.pick([64, 257, 1000]);
  }
  return other;
}

/** Of a tensor that another takes after. */
const MOST_NUMBERS = 1e4;

/** A tensor in the place of one of this shape. */
export function oddTensor(rng: Random, shape: readonly number[]): tf.Tensor {
  const like = tf.util.sizeFromShape([...shape]) > MOST_NUMBERS ? [2, 3] : shape;
  const changed = rng.chance(0.5) ? [...like] : shapeLike(rng, like);
  // A tensor of no numbers may have large dimensions, which are left where its 0 goes.
  const own = tf.util.sizeFromShape(changed) > 1e6 ? [2, 3] : changed;
  const size = tf.util.sizeFromShape(own);
  const numbers = rng.normals(size);
  switch (rng.integer(0, 13)) {
    case 0:
      return tf.tensor(numbers.map(Math.round), own, 'int32');
    case 1:
      return tf.tensor(
        Uint8Array.from(numbers, (x) => Number(x > 0)),
        own,
        'bool',
      );
    case 2:
      return tf.tensor(Array.from(numbers, String), own, 'string');
    case 3:
      return onCpu(() => tf.complex(tf.zeros(own), tf.ones(own)));
    case 4:
      return disposed(own);
    case 5:
      return onCpu(() => tf.tensor(numbers, own));
    case 6:
      return tf.tensor(
        numbers.map(() => rng.pick([NaN, Infinity, -Infinity, 0, 3e38, 1e-40])),
        own,
      );
    case 7:
      return tf.zeros([2048, 2048]);
    case 8:
      // Dimensions beyond 32 bits, and no number.
      return tf.zeros([...own.slice(2), 2 ** 33, 0]);
    case 9:
      return tf.tensor(
        numbers.map((x) => 1e3 * x),
        own,
        'int32',
      );
    default:
      return tf.tensor(numbers, own);
  }
}

function cyclic(): unknown[] {
  const array: unknown[] = [];
  array.push(array);
  return array;
}

const oddValues: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  ...[
    NaN,
    Infinity,
    -Infinity,
    -1,
    -0,
    0,
    1,
    2,
    7,
    0.5,
    1e39,
    1e-46,
    2 ** 31,
    2 ** 32 + 1,
    2 ** 53,
    -(2 ** 31) - 1,
  ].map((value) => () => value),
  ...['', 'abc', 'linear', '1', 'toString', '__proto__', true, false].map((value) => () => value),
  () => [],
  () => ({}),
  () => [NaN],
  () => [1, 2, 3],
  () => [[1], [2, 3]],
  () => [undefined, null],
  () => ({ length: 3 }),
  () => () => 1,
  () => Symbol('odd'),
  () => 3n,
  () => new Date(0),
  () => new Map([[1, 2]]),
  () => Float32Array.of(1, NaN),
  () => new Uint8Array(3),
  () => Object.create(null) as object,
  cyclic,
  () => new Error('odd'),
];

/** A value in the place of `old`. */
export function oddValue(rng: Random, old: unknown): unknown {
  if (old instanceof tf.Tensor && rng.chance(0.7)) return oddTensor(rng, (old as tf.Tensor).shape);
  if (rng.chance(0.08)) return oddTensor(rng, [2, 3]);
  if (Array.isArray(old) && rng.chance(0.5)) {
    const values: unknown[] = old;
    const other = [...values];
    if (rng.chance(0.5)) other.pop();
    else other.push(rng.pick([...values, 1]));
    return other;
  }
  if (typeof old === 'number' && rng.chance(0.3)) return old + rng.pick([1, -1, 0.5, 1000, -1000]);
  return rng.pick(oddValues)();
}
