import { beforeAll, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { checkWide } from '../../src/kernels/wideCheck.js';
import { Heap } from '../../src/runtime/heap.js';

beforeAll(async () => {
  await init();
});

// A build that nothing has compiled before is compiled where it is first used, without the flags.
it('finds out a wide build that is compiled as any other', () => {
  expect(checkWide(Heap.of(), 'relaxed')).toMatch(
    /^V8 fuses no vectors here: products take \d\.\d times as long as with 128 bits/,
  );
});

it('finds out a product that is not exact', () => {
  const heap = Heap.of();
  const { kernels } = heap;
  const broken = { ...kernels, product: () => undefined };
  Object.defineProperty(heap, 'kernels', { configurable: true, get: () => broken });
  try {
    expect(checkWide(heap, 'relaxed')).toBe('V8 computed a product wrongly with fused vectors of 256 bits');
  } finally {
    delete (heap as { kernels?: unknown }).kernels;
  }
});
