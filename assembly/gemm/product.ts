// Products of matrices: packing and the blocking loops around the micro-kernel (K. Goto, R. van de Geijn, "Anatomy of
// high-performance matrix multiplication").
//
//   for each block of columns, block of terms:  pack B (panels of 8 columns)
//     for each block of rows:                   pack A (panels of 4 rows)
//       for each panel of B, panel of A:        C tile = init + A B;  init is the bias, later C itself

import { copyRow } from '../simd/copy';
import { EXP2_TABLE_BYTES, writeExp2Table } from '../simd/exp2';
import { activate, LINEAR } from './activation';
import { packPanels4, packPanels8 } from './pack';
import { ProductProblem } from './problem';
import { THIN_ROWS, thinProduct, thinScratch } from './thin';
import { stripInterleaved, TILE_COLUMNS, TILE_ROWS } from './tile';

/** Terms of a block: a panel of B is 8 KB and stays in the first-level cache while the rows of A pass. */
const BLOCK_TERMS: i32 = 256;
/** Rows of a block: 128 KB of packed A stay in the second-level cache. */
const BLOCK_ROWS: i32 = 128;
/** Columns of a block: 512 KB of packed B, packed once for all rows. */
const BLOCK_COLUMNS: i32 = 512;

@inline
function roundUp(x: i32, multiple: i32): usize {
  return <usize>((x + multiple - 1) & -multiple);
}

/** Bytes of the bias with its padding; at least one panel of zeros. */
@inline
function biasBytes(p: ProductProblem): usize {
  return roundUp(max(p.columns, 1), TILE_COLUMNS) << 2;
}

const TILE_BYTES: usize = <usize>(TILE_ROWS * TILE_COLUMNS) << 2;

@inline
function packedABytes(p: ProductProblem): usize {
  return (roundUp(min(p.rows, BLOCK_ROWS), TILE_ROWS) * <usize>min(p.depth, BLOCK_TERMS)) << 2;
}

/** Scratch that `product` needs, in bytes. */
export function productScratch(p: ProductProblem): usize {
  const common = EXP2_TABLE_BYTES + TILE_BYTES + biasBytes(p);
  if (p.rows <= THIN_ROWS) return common + thinScratch(p);
  const packedB = (roundUp(min(p.columns, BLOCK_COLUMNS), TILE_COLUMNS) * <usize>min(p.depth, BLOCK_TERMS)) << 2;
  return common + packedABytes(p) + packedB;
}

/** All products of the batch. */
export function product(p: ProductProblem): void {
  const table = p.scratch;
  const spare = table + EXP2_TABLE_BYTES;
  const bias = spare + TILE_BYTES;
  memory.fill(bias, 0, biasBytes(p));
  writeExp2Table(table);
  if (p.bias) memory.copy(bias, p.bias, <usize>p.columns << 2);
  const packedA = bias + biasBytes(p);
  const packedB = packedA + packedABytes(p);
  for (let i: usize = 0; i < <usize>p.batch; i++) {
    const a = p.a + (<usize>load<u32>(p.aOffsets + (i << 2)) << 2);
    const b = p.b + (<usize>load<u32>(p.bOffsets + (i << 2)) << 2);
    const c = p.c + ((i * <usize>p.rows * <usize>p.columns) << 2);
    if (p.rows <= THIN_ROWS) thinProduct(p, a, b, c, bias, packedA);
    else blockedProduct(p, a, b, c, bias, packedA, packedB, spare);
    if (p.activation != LINEAR) activate(p.activation, c, p.rows, p.columns, p.slopes, p.alpha, table);
  }
}

/** One product of the batch, without its activation. */
function blockedProduct(
  p: ProductProblem, a: usize, b: usize, c: usize, bias: usize, packedA: usize, packedB: usize, spare: usize,
): void {
  for (let column = 0; column < p.columns; column += BLOCK_COLUMNS) {
    const columns = min(BLOCK_COLUMNS, p.columns - column);
    // At least one round, so that an empty product gives the bias.
    for (let term = 0; term == 0 || term < p.depth; term += BLOCK_TERMS) {
      const terms = min(BLOCK_TERMS, p.depth - term);
      packPanels8(
        packedB, b + ((<usize>term * p.bTerm + <usize>column * p.bColumn) << 2),
        columns, terms, p.bColumn << 2, p.bTerm << 2,
      );
      for (let row = 0; row < p.rows; row += BLOCK_ROWS) {
        const rows = min(BLOCK_ROWS, p.rows - row);
        packPanels4(
          packedA, a + ((<usize>row * p.aRow + <usize>term * p.aTerm) << 2),
          rows, terms, p.aRow << 2, p.aTerm << 2,
        );
        multiplyBlock(
          c + ((<usize>row * <usize>p.columns + <usize>column) << 2), <usize>p.columns << 2,
          packedA, packedB, rows, columns, terms, term == 0 ? bias + (<usize>column << 2) : 0, spare,
        );
      }
    }
  }
}

/** C block = bias + A B, or C += A B where `bias` is 0; `stride` is C's row in bytes. */
function multiplyBlock(
  c: usize, stride: usize, packedA: usize, packedB: usize, rows: i32, columns: i32, terms: i32, bias: usize,
  spare: usize,
): void {
  const aPanel = <usize>(terms * TILE_ROWS) << 2, bPanel = <usize>(terms * TILE_COLUMNS) << 2;
  const cNext = <usize>TILE_ROWS * stride;
  for (let j = 0; j < columns; j += TILE_COLUMNS, packedB += bPanel) {
    const width = min(TILE_COLUMNS, columns - j);
    const init = bias ? bias + (<usize>j << 2) : 0;
    const whole = width == TILE_COLUMNS ? rows / TILE_ROWS : 0;
    let a = packedA;
    let tile = c + (<usize>j << 2);
    if (init) stripInterleaved(whole, terms, a, 16, aPanel, packedB, 32, 0, init, 0, 0, tile, stride, cNext);
    else stripInterleaved(whole, terms, a, 16, aPanel, packedB, 32, 0, tile, stride, cNext, tile, stride, cNext);
    a += <usize>whole * aPanel;
    tile += <usize>whole * cNext;
    // Ragged edges go by way of the spare tile.
    for (let i = whole * TILE_ROWS; i < rows; i += TILE_ROWS, a += aPanel, tile += cNext) {
      const height = min(TILE_ROWS, rows - i);
      if (!init) copyTile(spare, 32, tile, stride, height, width);
      stripInterleaved(1, terms, a, 16, 0, packedB, 32, 0, init ? init : spare, init ? 0 : 32, 0, spare, 32, 0);
      copyTile(tile, stride, spare, 32, height, width);
    }
  }
}

function copyTile(out: usize, outStride: usize, src: usize, srcStride: usize, height: i32, width: i32): void {
  for (let i = 0; i < height; i++, out += outStride, src += srcStride) copyRow(out, src, <usize>width << 2);
}
