import { mixSeed } from '../random.js';

/** A layer whose randomness (dropout) can be started again from a seed. */
export interface Reseedable {
  /**
   * Starts the layer's random stream again; the layer must be built.
   *
   * @param seed any integer; the same seed gives the same masks in the same order
   */
  reseed(seed: number): void;
}

/** A reproducible sequence of seeds, one for each use of randomness: tfjs's own `seed` repeats one mask for ever. */
export class SeedStream implements Reseedable {
  private seed: number;
  private uses = 0;

  /** @param seed any integer; without one the stream differs from run to run */
  constructor(seed = Math.floor(Math.random() * 2 ** 32)) {
    this.seed = seed;
  }

  /** @returns the next seed, an unsigned 32-bit integer */
  next(): number {
    return mixSeed(this.seed, this.uses++);
  }

  reseed(seed: number): void {
    this.seed = seed;
    this.uses = 0;
  }
}
