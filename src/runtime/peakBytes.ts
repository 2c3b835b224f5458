// The memory that a call needs: malloc's own account of it.

import * as tf from '@tensorflow/tfjs-core';
import { Heap } from './heap.js';

interface Allocator {
  _free: (address: number) => void;
}

/**
 * Runs `call` and gives the most bytes that it had on the wasm heap at one time: outputs, what is kept for the gradients,
 * intermediate tensors and scratch, but not what was there before. Exact and repeatable, as all tensors and all scratch
 * come from this malloc; only what tfjs's own kernels allocate inside C++ is not seen.
 */
export async function peakBytes(call: () => void | Promise<void>): Promise<number> {
  const allocator = (tf.backend() as unknown as { wasm: Allocator }).wasm;
  const heap = Heap.of();
  const { _free } = allocator;
  // What every allocation comes to, tfjs's own ones too.
  const findRoom = heap['findRoom'];
  const sizes = new Map<number, number>();
  let live = 0;
  let peak = 0;
  const measured = (bytes: number) => {
    const address = findRoom(bytes);
    sizes.set(address, bytes);
    live += bytes;
    peak = Math.max(peak, live);
    return address;
  };
  allocator._free = (address) => {
    live -= sizes.get(address) ?? 0;
    sizes.delete(address);
    _free(address);
  };
  // It takes and gives back at once what the call is about to take: that grows the heap, but does not use it.
  heap['reserve'] = () => undefined;
  Object.assign(heap, { findRoom: measured });
  try {
    await call();
    return peak;
  } finally {
    Object.assign(heap, { findRoom });
    allocator._free = _free;
    Reflect.deleteProperty(heap, 'reserve');
  }
}
