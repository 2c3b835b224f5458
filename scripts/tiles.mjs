// The register tiles of assembly/gemm/tile.ts, one file for each shape, from one template: their accumulators have to be
// local variables, which AssemblyScript can neither count nor index.
import { mkdirSync, writeFileSync } from 'node:fs';

/**
 * Rows and columns, and what bounds them:
 *
 * - 4 x 8: eight accumulators, two vectors of B and one broadcast of A. One vector more makes V8 spill on Node 20 and 22
 *   where multiply and add are two instructions, and halves the speed.
 * - 6 x 8, for builds with fused multiply-adds: twelve accumulators, two vectors of B and one broadcast of A fill the
 *   fifteen vector registers that V8 gives out. Eight accumulators would only just cover the latency of the instruction
 *   on CPUs that start two a cycle and finish them in four.
 * - 4 x 16 and 6 x 16: the same for builds whose pairs of neighbouring vectors V8 fuses into vectors of 256 bits (`wide`).
 *   Without the fusion they would spill.
 */
const shapes = [
  [4, 8],
  [6, 8],
  [4, 16],
  [6, 16],
];

/** Columns of a tile of the builds that predict. */
export const COLUMNS = 8;

/** write(0) .. write(count - 1), strings or lists of them. */
export const each = (count, write) => Array.from({ length: count }, (_, i) => write(i)).flat();

/** Lines of a block that is `depth` levels deep. */
export const block = (depth, lines) => lines.map((line) => `${'  '.repeat(depth)}${line}\n`).join('');

export const plus = (offset) => (offset === 0 ? '' : `, ${offset}`);

/** The module of one shape. */
function tile(rows, columns) {
  const vectors = columns / 4;
  const bytes = 4 * columns;

  /** A tile's accumulators, c<row><vector>, from rows `stride` apart. */
  const load = (address, stride) =>
    each(rows, (r) => [
      ...(r === 0 ? [] : [`${r === 1 ? `let row = ${address} +` : 'row +='} ${stride};`]),
      `let ${each(vectors, (v) => `c${r}${v} = v128.load(${r === 0 ? address : 'row'}${plus(16 * v)})`).join(', ')};`,
    ]);

  /** The accumulators from one row for all. */
  const repeat = (address) =>
    each(rows, (r) => `let ${each(vectors, (v) => `c${r}${v} = v128.load(${address}${plus(16 * v)})`).join(', ')};`);

  const store = each(rows, (r) => [
    ...(r === 0 ? [] : [`row ${r === 1 ? '= c +' : '+='} cStride;`]),
    ...each(vectors, (v) => `v128.store(${r === 0 ? 'c' : 'row'}, c${r}${v}${plus(16 * v)});`),
  ]);

  /** One term: the vectors of B at y, and for each row a number of A, at `at(row)`. */
  const term = (at) => [
    `const ${each(vectors, (v) => `b${v} = v128.load(y${plus(16 * v)})`).join(', ')};`,
    ...each(rows, (r) => [
      `${r === 0 ? 'let ' : ''}s = v128.load32_splat(${at(r)});`,
      ...each(vectors, (v) => `c${r}${v} = madd(s, b${v}, c${r}${v});`),
    ]),
  ];

  /** Rows that lie `step` bytes apart from x on. */
  const apart = (step) => (r) => `x${plus(step * r)}`;

  const farther = (r) =>
    rows === 4 || r < 3 ? `x${r === 0 ? '' : ` + row${r}`}` : `z${r === 3 ? '' : ` + row${r - 3}`}`;

  // Four rows can be unrolled without a spill.
  const keepRolled = (address) => (rows === 4 ? [] : [`keepRolled(${address});`]);

  // A loop over panels and one over their terms; with more to do in a term, one loop that jumps from panel to panel.
  const overPanels =
    rows === 4
      ? `    let y = b;
    let panel = a;
    for (let left = depth; left > 0; left -= ${columns}, panel += aPanel) {
      for (let x = panel, end = panel + (<usize>min(left, ${columns}) << 2); x != end; x += 4, y += bStep) {
${block(4, term(apart(bytes)))}      }
    }
`
      : `    const jump = aPanel - ${bytes};
    let x = a;
    for (let y = b, end = b + <usize>depth * bStep; y != end; y += bStep) {
${block(3, [...keepRolled('x'), ...term(apart(bytes))])}      x += 4;
      if (!((x - a) & ${bytes - 1})) x += jump;
    }
`;

  return `// Strips of ${rows} x ${columns} tiles. Written by scripts/tiles.mjs.

import { madd } from '../../simd/vector';
import { keepRolled } from '../rolled';

/** See stripInterleaved. */
export function interleaved${rows}x${columns}(
  tiles: i32, depth: i32, a: usize, aStep: usize, aNext: usize, b: usize, bStep: usize,
  init: usize, initStride: usize, c: usize, cStride: usize,
): void {
  for (; tiles > 0; tiles--, a += aNext, init += ${rows} * initStride, c += ${rows} * cStride) {
${block(2, load('init', 'initStride'))}    let y = b;
    for (let x = a, end = a + <usize>depth * aStep; x != end; x += aStep, y += bStep) {
${block(3, [...keepRolled('x'), ...term(apart(4))])}    }
${block(2, store)}  }
}

/** See stripScattered. */
export function scattered${rows}x${columns}(
  tiles: i32, terms: i32, places: usize, a: usize, aRow: usize, b: usize, init: usize, c: usize, cStride: usize,
): void {
  const row1 = aRow, row2 = row1 + aRow, row3 = row2 + aRow;
  for (; tiles > 0; tiles--, a += ${rows} * aRow, c += ${rows} * cStride) {
${block(2, repeat('init'))}    let y = b, row = c;
    for (let place = places, end = places + (<usize>terms << 2); place != end; place += 4, y += ${bytes}) {
${block(3, [...keepRolled('place'), 'const x = a + load<u32>(place);', ...(rows > 4 ? ['const z = x + row3;'] : []), ...term(farther)])}    }
${block(2, store)}  }
}

/** See stripTransposed. */
export function transposed${rows}x${columns}(
  tiles: i32, depth: i32, a: usize, aPanel: usize, b: usize, bStep: usize, c: usize, cStride: usize,
): void {
  for (; tiles > 0; tiles--, a += ${rows * bytes}, c += ${rows} * cStride) {
${block(2, load('c', 'cStride'))}${overPanels}${block(2, store)}  }
}
`;
}

/** Writes assembly/gemm/generated/. */
export function writeTiles() {
  const folder = new URL('../assembly/gemm/generated/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const [rows, columns] of shapes) {
    writeFileSync(new URL(`tile${rows}x${columns}.ts`, folder), tile(rows, columns));
  }
}
