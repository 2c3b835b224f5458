// Where the rows, or matrices, of a tensor that is broadcast begin.

import { util } from '@tensorflow/tfjs-core';

/**
 * Element offsets of the innermost blocks of a tensor, one for each place of the broadcast outer dimensions.
 *
 * @param shape of the tensor; its last `inner` dimensions are a block
 * @param outer the outer dimensions after broadcasting
 * @param inner dimensions of a block
 */
export function rowOffsets(shape: readonly number[], outer: readonly number[], inner = 1): number[] {
  const own = shape.slice(0, Math.max(shape.length - inner, 0));
  const size = util.sizeFromShape(shape.slice(own.length));
  const padded = [...new Array<number>(outer.length - own.length).fill(1), ...own];
  const strides = util.computeStrides([...padded, size]);
  return Array.from({ length: util.sizeFromShape([...outer]) }, (_, index) => {
    let offset = 0;
    for (let dimension = outer.length - 1; dimension >= 0; dimension--) {
      const at = index % outer[dimension];
      index = Math.floor(index / outer[dimension]);
      if (padded[dimension] !== 1) offset += at * (strides[dimension] ?? 1);
    }
    return offset;
  });
}
