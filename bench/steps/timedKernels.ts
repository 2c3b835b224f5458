// Every kernel of the backend under a stopwatch.

import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { workOf } from './kernelWork.js';

/** What one kind of call came to. */
export interface Tally {
  name: string;
  calls: number;
  milliseconds: number;
  /** Of products and attention, 0 for others. */
  flops: number;
  /** Inputs and outputs. */
  bytes: number;
}

interface Sight {
  milliseconds: number;
  flops: number;
  bytes: number;
}

/** Copies between JavaScript and the heap, which are no kernels. */
const copies = { move: '(data to the heap)', readSync: '(data from the heap)' } as const;

/** Times all kernels that are registered for the active backend, from now until the process ends. */
export class TimedKernels {
  private readonly tallies = new Map<string, Tally>();
  /** Milliseconds of what the running kernels called themselves, the innermost last. */
  private readonly inner: number[] = [];

  constructor() {
    const name = tf.getBackend();
    for (const config of tf.getKernelsForBackend(name)) {
      tf.unregisterKernel(config.kernelName, name);
      tf.registerKernel({ ...config, kernelFunc: this.timed(config) });
    }
    this.timeCopies();
  }

  /** What was seen since the last call. */
  take(): Tally[] {
    const seen = [...this.tallies.values()];
    this.tallies.clear();
    return seen;
  }

  /** Runs `f` and adds up its own time: without that of kernels that it called. */
  private watch<T>(f: () => T, describe: (result: T) => { name: string; flops: number; bytes: number }): T {
    this.inner.push(0);
    const begin = performance.now();
    const result = f();
    const all = performance.now() - begin;
    const own = all - this.inner.pop()!;
    if (this.inner.length > 0) this.inner[this.inner.length - 1] += all;
    const { name, flops, bytes } = describe(result);
    this.add(name, { milliseconds: own, flops, bytes });
    return result;
  }

  private timed({ kernelName, kernelFunc }: KernelConfig): KernelFunc {
    return (call) => {
      const inputs = Object.values(call.inputs).filter((input): input is TensorInfo => input != null);
      return this.watch(
        () => kernelFunc(call),
        (outputs) => workOf(kernelName, inputs, [outputs].flat(), call.attrs ?? {}),
      );
    };
  }

  private timeCopies(): void {
    const backend = tf.backend() as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const [method, name] of Object.entries(copies)) {
      const original = backend[method].bind(backend);
      backend[method] = (...args) =>
        this.watch(
          () => original(...args),
          () => ({ name, flops: 0, bytes: 0 }),
        );
    }
  }

  private add(name: string, { milliseconds, flops, bytes }: Sight): void {
    const tally = this.tallies.get(name) ?? { name, calls: 0, milliseconds: 0, flops: 0, bytes: 0 };
    tally.calls++;
    tally.milliseconds += milliseconds;
    tally.flops += flops;
    tally.bytes += bytes;
    this.tallies.set(name, tally);
  }
}
