// Products of int32 matrices: rare (indices, one-hot counts), so plain loops serve.

import { ProductProblem } from './problem';

/** All products of the batch, int32, sums wrapping; no bias and no activation. */
export function productInt32(p: ProductProblem): void {
  let c = p.c;
  for (let i: usize = 0; i < <usize>p.batch; i++) {
    let a = p.a + (<usize>load<u32>(p.aOffsets + (i << 2)) << 2);
    for (let row = 0; row < p.rows; row++, a += p.aRow << 2) {
      let b = p.b + (<usize>load<u32>(p.bOffsets + (i << 2)) << 2);
      for (let column = 0; column < p.columns; column++, b += p.bColumn << 2, c += 4) {
        let sum: i32 = 0;
        for (let t: usize = 0; t < <usize>p.depth; t++) {
          sum += load<i32>(a + ((t * p.aTerm) << 2)) * load<i32>(b + ((t * p.bTerm) << 2));
        }
        store<i32>(c, sum);
      }
    }
  }
}
