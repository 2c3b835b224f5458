import { pooledCount } from '../kernels/pooledCount.js';
import type { Place } from './place.js';
import type { Recorder } from './recorder.js';

interface Derived {
  place: Place;
  of: (length: number) => number;
}

/** Valid positions of each case of a plan, int32 [batch], and what follows from them. */
export class Lengths {
  readonly place: Place;
  private readonly derived = new Map<string, Derived>();

  /**
   * @param positions those that all cases have until they are set
   */
  constructor(
    private readonly recorder: Recorder,
    readonly batch: number,
    readonly positions: number,
  ) {
    this.place = recorder.table(new Int32Array(batch).fill(positions));
  }

  /** How many positions pooling leaves of them, int32 [batch]. */
  pooled(scale: number, unpooled: number): Place {
    const name = `${scale} ${unpooled}`;
    let found = this.derived.get(name);
    if (!found) {
      const of = (length: number) => pooledCount(length, scale, unpooled);
      found = { place: this.recorder.table(new Int32Array(this.batch).fill(of(this.positions))), of };
      this.derived.set(name, found);
    }
    return found.place;
  }

  /** Sets the length of a case. */
  set(index: number, length: number): void {
    const { words } = this.recorder.memory.view;
    words[(this.place.address(0) >>> 2) + index] = length;
    for (const { place, of } of this.derived.values()) words[(place.address(0) >>> 2) + index] = of(length);
  }
}
