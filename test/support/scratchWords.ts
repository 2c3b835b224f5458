// What kernels leave in their scratch, as words.

import { Heap } from '../../src/runtime/heap.js';

/** Below it a word is a count, a place, a shift or a flag. */
const LEAST_NUMBER = 2 ** 15;
/** Bits of the largest subnormal number: kernels compare with them. */
const MASK = 0x007fffff;

/** Words of scratch. */
interface Words {
  /** That are subnormal numbers. */
  subnormal: number;
  /** That are not 0. */
  all: number;
}

/**
 * Runs `use`, and counts the words of all scratch as they are when it is given back; it is 0 when it is given out. A word
 * that is a multiple of 4 may be an address, and is not taken for a number: three in four numbers are. Halves of numbers in
 * float64 look like subnormal ones by chance, one in 256.
 */
export function countWords(use: () => void, heap = Heap.of()): Words {
  const words: Words = { subnormal: 0, all: 0 };
  const withScratch = heap.withScratch.bind(heap);
  heap.withScratch = (bytes, use) =>
    withScratch(bytes, (address) => {
      heap.uint8(address, bytes).fill(0);
      const result = use(address);
      for (const word of heap.int32(address, bytes >>> 2)) {
        const size = word & 0x7fffffff;
        if (size >= LEAST_NUMBER && size < MASK && word % 4 !== 0) words.subnormal++;
        if (size !== 0) words.all++;
      }
      return result;
    });
  try {
    use();
  } finally {
    heap.withScratch = withScratch;
  }
  return words;
}
