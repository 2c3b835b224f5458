// Where the numbers of a plan lie: rooms in its memory, and arrays in them.

import type { TensorInfo } from '@tensorflow/tfjs-core';

/** A piece of memory. One that has no address yet is for steps `first` to `last` only, and shares memory with others. */
export interface Room {
  bytes: number;
  address?: number;
  first: number;
  last: number;
}

/** A room to stay. */
export function roomAt(address: number, bytes: number): Room {
  return { bytes, address, first: 0, last: Infinity };
}

/** An array in a room. It passes for a tensor where problems are filled in. */
export class Place implements TensorInfo {
  constructor(
    readonly shape: number[],
    readonly room: Room,
    readonly dtype: 'float32' | 'int32' = 'float32',
    /** Elements from the room's beginning. */
    private readonly offset = 0,
  ) {}

  get dataId(): object {
    return this.room;
  }

  /** Its elements. */
  get size(): number {
    return this.shape.reduce((a, b) => a * b, 1);
  }

  /** In the plan's memory; `unknown` while the room has none. */
  address(unknown: number): number {
    return (this.room.address ?? unknown) + 4 * this.offset;
  }

  /** The same elements in another shape. */
  reshaped(shape: number[]): Place {
    return new Place(shape, this.room, this.dtype, this.offset);
  }

  /** What lies from an element on. */
  from(element: number, shape: number[]): Place {
    return new Place(shape, this.room, this.dtype, this.offset + element);
  }
}
