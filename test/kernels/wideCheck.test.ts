import { beforeAll, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { checkWide } from '../../src/kernels/wideCheck.js';
import { takeBuild } from '../../src/runtime/builds.js';
import { Heap } from '../../src/runtime/heap.js';
import { platform } from '../../src/runtime/platform/node.js';

beforeAll(async () => {
  await init({ threads: 1 });
  // Compiled without the flags, as any other.
  takeBuild(await WebAssembly.compile((await platform.kernels('wide')) as Uint8Array<ArrayBuffer>), 'wide');
});

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
