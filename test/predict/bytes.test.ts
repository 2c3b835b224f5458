/** Products of bytes: the same whole numbers in every way of multiplying, on every build, as plain loops have them. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { productFields } from '../../src/kernels/productProblem.js';
import { ByteDots } from '../../src/predict/generated/bindings.js';
import { Place, roomAt } from '../../src/predict/place.js';
import type { PlanKernels } from '../../src/predict/planKernels.js';
import { PlanMemory } from '../../src/predict/planMemory.js';
import { Recorder } from '../../src/predict/recorder.js';
import { enableRelaxedSimd } from '../../src/runtime/relaxedSimd.js';
import { byteProduct } from '../oracles/byteProduct.js';
import { random } from '../support/random.js';

beforeAll(() => enableRelaxedSimd());

const ways = [
  ['simd', 'PAIRS'],
  ['relaxed', 'HALVES'],
  ['relaxed', 'DIRECT'],
] as const;

interface Case {
  a: number[][];
  b: number[][];
  bias: number[];
}

const { fround } = Math;

function randomCase(rows: number, depth: number, columns: number, scale = 1): Case {
  const source = random(`bytes ${rows} ${depth} ${columns}`);
  const matrix = (m: number, n: number, size: number) =>
    Array.from({ length: m }, () => [...source.normals(n)].map((x) => fround(x * size)));
  return { a: matrix(rows, depth, scale), b: matrix(depth, columns, 0.3), bias: matrix(1, columns, 1)[0] };
}

async function kernelsOf(build: string, { memory }: PlanMemory): Promise<PlanKernels> {
  const file = fileURLToPath(new URL(`../../build/predict.${build}.wasm`, import.meta.url));
  const module = await WebAssembly.compile(await readFile(file));
  return (await WebAssembly.instantiate(module, { env: { memory } })).exports as unknown as PlanKernels;
}

/** A kernel's product, run as plans run it; block of terms after block of terms. */
async function run(build: string, dots: number, { a, b, bias }: Case, block = 256): Promise<number[][]> {
  const memory = new PlanMemory();
  const kernels = await kernelsOf(build, memory);
  const [rows, depth, columns] = [a.length, b.length, bias.length];
  const recorder = new Recorder(kernels, memory);
  const reserve = (bytes: number) => new Place([bytes / 4], roomAt(memory.reserve(bytes, 64), bytes));
  const floats = (values: number[]) => recorder.table(Float32Array.from(values));
  /** Room with what must not shine through. */
  const dirty = (bytes: number) => {
    const place = reserve(bytes);
    memory.view.words.fill(0x7fc12345, place.address(0) / 4, (place.address(0) + bytes) / 4);
    return place;
  };

  const weights = recorder.problem('QuantizeColumnsProblem', {
    ...{ b: floats(b.flat()), bias: floats(bias), out: 0, columns, depth, first: 0, terms: 0 },
  });
  const packed = reserve(weights.call('quantizedColumnsBytes'));
  weights.set('out', packed);
  const { b: all } = weights.values as { b: Place };
  for (const kernel of ['measureColumns', 'quantizeColumns'] as const) {
    for (let first = 0; first < depth; first += block) {
      weights.set('b', all.from(first * columns, []));
      weights.set('first', first);
      weights.set('terms', Math.min(block, depth - first));
      for (let task = 0; task < weights.countTasks(kernel); task++) weights.runNow(kernel, task);
    }
  }
  const inputs = recorder.problem('QuantizeProblem', { x: floats(a.flat()), out: 0, rows, depth, xRow: depth });
  const left = dirty(inputs.call('quantizedBytes'));
  inputs.set('out', left);
  inputs.run('quantizeRows');
  const c = dirty(4 * rows * columns);
  const guard = dirty(64);
  const values = productFields({ a: left, b: 0, c, rows, columns, depth });
  recorder.run('byteProduct', { ...values, packed, dots });
  const base = memory.reserve(0, 64);
  memory.reserve(recorder.finish(base) - base, 64);
  recorder.compute();
  const { floats: view, words } = memory.view;
  expect(words[guard.address(0) / 4]).toBe(0x7fc12345);
  const at = c.address(0) / 4;
  return a.map((_, row) => [...view.subarray(at + row * columns, at + (row + 1) * columns)]);
}

const edges = [1, 2, 3, 5, 6, 7, 11, 24, 25];

describe.each(ways)('build %s, %s', (build, name) => {
  const dots = ByteDots[name];

  // V8 11 computes the instruction wrongly on x86, and never gets it to do.
  beforeEach(async ({ skip }) => {
    if (name !== 'DIRECT') return;
    const fastest = (await kernelsOf(build, new PlanMemory())).fastestByteDots(64);
    skip(fastest !== dots, 'this processor, or this V8, has no instruction for sums of four products of bytes');
  });

  it('gives, at all edges of tiles, words and panels, what plain loops give', async () => {
    for (const rows of edges) {
      for (const depth of [1, 3, 4, 17, 64, 67]) {
        for (const columns of [1, 7, 8, 9, 33]) {
          const one = randomCase(rows, depth, columns);
          const expected = byteProduct(one.a, one.b, one.bias);
          expect(await run(build, dots, one), `${rows} x ${depth} x ${columns}`).toEqual(expected);
        }
      }
    }
  });

  it('cuts rows and columns into tasks, and terms into blocks', async () => {
    for (const [rows, depth, columns] of [
      [131, 300, 200],
      [29, 1100, 600],
    ]) {
      const one = randomCase(rows, depth, columns);
      expect(await run(build, dots, one)).toEqual(byteProduct(one.a, one.b, one.bias));
    }
  });

  it('takes the largest numbers, whose sums of two just fit into 16 bits', async () => {
    const a = [Array.from({ length: 64 }, () => 5), Array.from({ length: 64 }, (_, i) => (i % 2 ? 5 : -5))];
    const b = Array.from({ length: 64 }, () => [1, -1]);
    expect(await run(build, dots, { a, b, bias: [0, 0] })).toEqual(byteProduct(a, b, [0, 0]));
  });

  it('takes rows and columns of any size, subnormal numbers, zeros, and what is not finite', async () => {
    for (const scale of [1e-40, 1e-37, 1e-20, 1e-10, 1e10, 1e36]) {
      const one = randomCase(7, 40, 9, scale);
      one.b.forEach((row, term) => (row[3] = fround(row[3] * (term === 0 ? 1e-41 : 1e-30))));
      one.bias[2] = fround(1e-38);
      one.a[1].fill(0);
      one.a[2][5] = NaN;
      one.a[3][5] = -Infinity;
      one.b[7][4] = Infinity;
      expect(await run(build, dots, one), `${scale}`).toEqual(byteProduct(one.a, one.b, one.bias));
    }
  });

  it('gives a row the same numbers wherever it stands', async () => {
    const one = randomCase(13, 67, 33);
    const alone = await run(build, dots, { ...one, a: [one.a[9]] });
    expect(alone).toEqual([(await run(build, dots, one))[9]]);
  });

  it('is near the product in float64', async () => {
    const one = randomCase(40, 512, 64);
    const actual = await run(build, dots, one);
    const exact = one.a.map((row) =>
      one.bias.map((bias, column) => row.reduce((sum, x, term) => sum + x * one.b[term][column], bias)),
    );
    const square = (of: (row: number, column: number) => number) =>
      actual.reduce((sum, row, r) => row.reduce((total, _, c) => total + of(r, c) ** 2, sum), 0);
    const error = square((r, c) => actual[r][c] - exact[r][c]) / square((r, c) => exact[r][c]);
    expect(Math.sqrt(error)).toBeLessThan(0.02);
    expect(Math.sqrt(error)).toBeGreaterThan(1e-4);
  });
});
