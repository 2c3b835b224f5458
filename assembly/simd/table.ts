// The constants of exp, tanh and gelu, in a table that kernels keep in their scratch. V8 builds a literal vector anew at each use
// inside a loop, which takes longer than the multiply-add that it is for, and `wide` builds cannot fuse a pair of formulas with
// such literals; a number that is loaded into all lanes takes less, and is fused (`npm run bench -- kernels --filter gelu`).

import { writeExp2 } from './exp2';
import { GELU_END, writeGelu } from './gelu';
import { writeTanh } from './tanh';

export const TABLE_BYTES: usize = (GELU_END + 15) & ~15;

export function writeTable(table: usize): void {
  writeExp2(table);
  writeTanh(table);
  writeGelu(table);
}
