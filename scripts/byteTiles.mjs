// The register tiles of products of bytes, one file for each way of multiplying; see assembly/gemm/byteTile.ts.
import { mkdirSync, writeFileSync } from 'node:fs';
import { block, COLUMNS, each, plus } from './tiles.mjs';

/**
 * By the names of ByteDots: rows, and what adds the products of a word of B with one of A, in `s`, to a sum. As in tiles.mjs,
 * accumulators and operands fill the registers: twelve of them where an instruction or two do it, eight where V8 must copy.
 */
const ways = {
  direct: { rows: 6, add: (c, b) => `i32x4.relaxed_dot_i8x16_i7x16_add_s(${b}, s, ${c})` },
  halves: {
    rows: 6,
    add: (c, b) => `i32x4.add(${c}, i32x4.dot_i16x8_s(i16x8.relaxed_dot_i8x16_i7x16_s(${b}, s), ones))`,
  },
  pairs: { rows: 4, add: (c, b) => `i32x4.add(${c}, i32x4.dot_i16x8_s(${b}, s))` },
};

const vectors = COLUMNS / 4;

function tile(way, { rows, add }) {
  const overVectors = (write) => each(vectors, write);
  const start = each(rows, (r) => [
    `${r === 0 ? 'let ' : ''}s = v128.load32_splat(a${plus(4 * (rows + r))});`,
    `let ${overVectors((v) => `c${r}${v} = i32x4.mul(s, sums${v})`).join(', ')};`,
  ]);
  const word = [
    ...(rows === 4 ? [] : ['keepRolled(x);']),
    `const ${overVectors((v) => `b${v} = v128.load(y${plus(16 * v)})`).join(', ')};`,
    ...each(rows, (r) => [
      `s = v128.load32_splat(x${plus(4 * r)});`,
      ...overVectors((v) => `c${r}${v} = ${add(`c${r}${v}`, `b${v}`)};`),
    ]),
  ];
  const end = each(rows, (r) => [
    ...(r === 0 ? [] : [`row ${r === 1 ? '= c +' : '+='} cStride;`]),
    `s = v128.load32_splat(a${plus(4 * r)});`,
    ...overVectors(
      (v) => `v128.store(${r === 0 ? 'c' : 'row'}, toFloats(c${r}${v}, s, scales${v}, bias${v})${plus(16 * v)});`,
    ),
  ]);
  const head = (name, from) =>
    `const ${overVectors((v) => `${name}${v} = v128.load(b${plus(4 * COLUMNS * from + 16 * v)})`).join(', ')};`;
  return `// Strips of ${rows} x ${COLUMNS} tiles of bytes. Written by scripts/byteTiles.mjs.

import { toFloats } from '../byteFloats';
${rows === 4 ? '' : "import { keepRolled } from '../rolled';\n"}
/** See stripOfBytes. */
export function ${way}${rows}x${COLUMNS}(tiles: i32, words: i32, a: usize, b: usize, c: usize, cStride: usize): void {
${way === 'halves' ? '  const ones = i16x8.splat(words > 0 ? 1 : 0);\n' : ''}  let row: usize = 0;
  for (; tiles > 0; tiles--, c += ${rows} * cStride) {
${block(2, [head('sums', 1), ...start])}    let y = b + ${12 * COLUMNS};
    const x0 = a + ${8 * rows}, end = x0 + <usize>words * ${4 * rows};
    for (let x = x0; x != end; x += ${4 * rows}, y += ${4 * COLUMNS}) {
${block(3, word)}    }
${block(2, [head('scales', 0), head('bias', 2), ...end])}    a = end;
  }
}
`;
}

/** Writes them to assembly/gemm/generated/. */
export function writeByteTiles() {
  const folder = new URL('../assembly/gemm/generated/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const [way, shape] of Object.entries(ways)) {
    writeFileSync(new URL(`${way}${shape.rows}x${COLUMNS}.ts`, folder), tile(way, shape));
  }
}
