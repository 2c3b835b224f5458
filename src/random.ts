/**
 * Mixes integers into one well-spread 32-bit seed, so that neighbouring seeds, layers and steps do not share a stream.
 *
 * @param seed any integer
 * @param parts further integers: a layer's index, a step
 * @returns an unsigned 32-bit integer
 * @see MurmurHash3's 32-bit finaliser (A. Appleby)
 */
export function mixSeed(seed: number, ...parts: number[]): number {
  let h = seed | 0;
  for (const part of [0, ...parts]) {
    h = (h + Math.imul(part + 1, 0x9e3779b9)) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}

const runStreams = { weights: 0, training: 1, split: 2 } as const;
const epochStreams = { order: 0, dropout: 1, augmentation: 2 } as const;

/**
 * The seed of a part of a run, so that each has a stream of random numbers of its own.
 *
 * @param seed of the run, any integer
 * @param stream the initial weights; the training itself; which cases are held out
 */
export function runSeed(seed: number, stream: keyof typeof runStreams): number {
  return mixSeed(seed, runStreams[stream]);
}

/**
 * The seed of a part of an epoch's randomness.
 *
 * @param seed of the training, any integer
 * @param epoch from 1
 * @param stream order of the cases; dropout and augmentation of a batch
 * @param batch from 0, if the stream has a seed for each
 */
export function epochSeed(seed: number, epoch: number, stream: keyof typeof epochStreams, batch?: number): number {
  return mixSeed(seed, epoch, epochStreams[stream], ...(batch === undefined ? [] : [batch]));
}

/**
 * A small, fast generator of uniform numbers. Not for cryptography.
 *
 * @param seed any integer
 * @returns a function whose calls give numbers in [0, 1) with 32 random bits, period 2^32
 * @see mulberry32 (T. Ettinger)
 */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * 0 .. count - 1 in a random order (Fisher and Yates).
 *
 * @param count number of elements
 * @param seed any integer
 */
export function permutation(count: number, seed: number): Uint32Array {
  const next = uniform(seed);
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
