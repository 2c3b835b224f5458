// Calls of the kernels themselves: those that ops, layers and models make, recorded.

import * as tf from '@tensorflow/tfjs-core';
import { vi } from 'vitest';
import * as pa from '../../../src/index.js';
import { momentInput, momentParts } from '../../../src/kernels/momentStep.js';
import { random, type Random } from '../../support/random.js';
import type { Generator } from '../runCall.js';
import { exportedOps, innerOps } from './opCalls.js';
import { integers, normals, sizeOf } from './tensors.js';

type Inputs = Record<string, tf.Tensor>;

interface Recorded {
  /** Shapes and dtypes; a few numbers of int32 tensors, which are indices. */
  inputs: Record<string, { shape: number[]; dtype: tf.DataType; values?: number[] }>;
  attributes: object;
}

/** Variables, their gradients and moments, of which some get new data. */
function momentCall(rng: Random): void {
  const variables = rng.integer(1, 3);
  const inputs: Inputs = {};
  for (let variable = 0; variable < variables; variable++) {
    const shape = [sizeOf(rng), sizeOf(rng)];
    for (const part of momentParts) inputs[momentInput(part, variable)] = tf.abs(normals(rng, ...shape));
  }
  const rules = Array.from({ length: variables }, () => ({ decay: 0.9, stepSize: 0.1, epsilon: 1e-3 }));
  const fresh = [momentInput('first', 0), momentInput('parameter', variables - 1)];
  const attributes = { beta1: 0.9, beta2: 0.99, clipNorm: 1, rules, fresh };
  tf.engine().runKernel('MomentStep', inputs, attributes);
}

/** What each kernel of ours is given by legal calls. */
export async function recordKernels(): Promise<Map<string, Recorded[]>> {
  const { kernels } = pa.info();
  const recorded = new Map<string, Recorded[]>(kernels.map((name) => [name, []]));
  const run = tf.engine().runKernel.bind(tf.engine());
  const spy = vi.spyOn(tf.engine(), 'runKernel').mockImplementation(((name: string, inputs: Inputs, attrs: object) => {
    const calls = recorded.get(name);
    const given = Object.entries(inputs).filter(([, tensor]) => tensor);
    if (calls && calls.length < 40 && given.every(([, { size }]) => size < 1e5)) {
      const shapes = given.map(([key, tensor]) => {
        const { shape, dtype } = tensor;
        return [key, { shape, dtype, ...(dtype === 'int32' && { values: [...tensor.dataSync()] }) }] as const;
      });
      calls.push({ inputs: Object.fromEntries(shapes), attributes: attrs ?? {} });
    }
    return run<tf.Tensor>(name, inputs, attrs as tf.NamedAttrMap);
  }) as typeof run);
  for (let seed = 0; seed < 15; seed++) {
    for (const [name, make] of Object.entries({ ...exportedOps, ...innerOps })) {
      tf.engine().startScope();
      const { args, run: call } = make(random(`record ${name} ${seed}`));
      try {
        await (call as (...all: unknown[]) => unknown)(...args);
      } catch {
        // Options that do not go together.
      }
      momentCall(random(`moments ${seed}`));
      tf.engine().endScope();
    }
  }
  spy.mockRestore();
  return recorded;
}

/** One of the recorded calls, on numbers of its own. */
export function kernelCalls(recorded: Map<string, Recorded[]>): Record<string, Generator> {
  return Object.fromEntries(
    [...recorded]
      .filter(([, calls]) => calls.length > 0)
      .map(([name, calls]): [string, Generator] => [
        `kernel ${name}`,
        (rng) => {
          const { inputs, attributes } = rng.pick(calls);
          const tensors = Object.entries(inputs).map(([key, { shape, dtype, values }]) => {
            if (values) return [key, tf.tensor(values, shape, 'int32')];
            return [key, dtype === 'bool' ? tf.cast(integers(rng, 1, ...shape), 'bool') : normals(rng, ...shape)];
          });
          return {
            args: [Object.fromEntries(tensors), structuredClone(attributes)],
            run: (own: Inputs, attrs: object) => {
              const results = tf.engine().runKernel(name, own, attrs as never);
              // What it changed in place.
              return [results, name === 'MomentStep' ? Object.values(own) : []];
            },
          };
        },
      ]),
  );
}
