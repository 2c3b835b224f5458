// How an operation gets its gradient: tfjs's tape, by the names of the inputs. It relies on `runKernelFunc` of tfjs-core
// 4.22.0, on which its own `tf.customGrad` rests, which knows inputs by their positions only.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Inputs by name; those that are undefined were not given. */
export type Inputs = Readonly<Record<string, Tensor | undefined>>;

/** The inputs that were given. */
export type GivenInputs = Record<string, Tensor>;

/** A gradient, or how to make it where it takes work that only that input needs. */
type Gradient = Tensor | (() => Tensor) | undefined;

/** Keeps what the gradients need until the backward pass. */
type Save = (tensors: Tensor[]) => void;

interface TapeEngine {
  runKernelFunc<T>(invocation: {
    forwardFunc: (backend: unknown, save: Save) => T;
    backwardsFunc: (dY: Tensor | Tensor[], saved: Tensor[]) => Record<string, () => Tensor>;
    inputs: GivenInputs;
  }): T;
}

/** Those of the inputs that were given. */
export function given(inputs: Inputs): GivenInputs {
  return Object.fromEntries(
    Object.entries(inputs).filter((entry): entry is [string, Tensor] => entry[1] !== undefined),
  );
}

/**
 * Runs an operation and records its gradient.
 *
 * @param inputs all tensors that it depends on
 * @param forward computes the output, or outputs; `save` keeps what `gradients` needs
 * @param gradients those of the inputs by their names, from that of the output (one for each of several outputs), each of
 *   its input's shape; called once for a backward pass
 * @returns what `forward` returns
 */
export function differentiable<Own extends Inputs, T extends Tensor | Tensor[]>(
  inputs: Own,
  forward: (save: Save) => T,
  gradients: (dY: T, saved: Tensor[]) => Record<keyof Own, Gradient>,
): T {
  const engine = tf.engine();
  if (!engine.isTapeOn()) return tf.tidy(() => forward(() => undefined) as Tensor) as T;
  return tf.tidy(() => {
    // Not before all is computed: what tfjs has saved of a forward pass that throws, it never frees. And not within its own
    // call, where it takes what is kept for the gradient for a leak, if IS_TEST is set.
    let saved: Tensor[] | undefined;
    const result = withoutTape(() => forward((tensors) => (saved = tensors)));
    return (engine as unknown as TapeEngine).runKernelFunc<T>({
      forwardFunc(_, save) {
        if (saved) save(saved);
        return result;
      },
      backwardsFunc: (dY, saved) =>
        Object.fromEntries(
          Object.entries<Gradient>(gradients(dY as T, saved)).map(([name, gradient]) => [
            name,
            typeof gradient === 'function' ? gradient : () => gradient!,
          ]),
        ),
      inputs: given(inputs),
    }) as Tensor;
  }) as T;
}

/** Runs what records itself as one operation. */
function withoutTape<T>(run: () => T): T {
  const state = tf.engine().state as unknown as TapeState;
  state.kernelDepth++;
  try {
    return run();
  } finally {
    state.kernelDepth--;
  }
}

/** What tfjs's engine keeps of a forward pass. */
interface TapeState {
  gradientDepth: number;
  /** Above 0, nothing is recorded. */
  kernelDepth: number;
  activeTape: { saved?: Tensor[] | null }[] | null;
}

/** Frees what a forward pass kept for its gradient; within another gradient, which needs its own, that does so. */
function releaseTape(): void {
  const state = tf.engine().state as unknown as TapeState;
  if (state.gradientDepth > 0) return;
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
  state.activeTape = null;
}

/** Has all gradients free what they kept where they throw: tfjs 4.22 does so only at the end of those that do not. */
export function freeFailedTapes(): void {
  const engine = tf.engine();
  if (Object.hasOwn(engine, 'gradients')) return;
  const gradients = engine.gradients.bind(engine);
  engine.gradients = (...args) => {
    try {
      return gradients(...args);
    } catch (error) {
      releaseTape();
      throw error;
    }
  };
}

/** How many gradients are being computed, one within the other. */
export function gradientDepth(): number {
  return (tf.engine().state as unknown as TapeState).gradientDepth;
}
