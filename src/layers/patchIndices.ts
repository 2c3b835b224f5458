/** Patches of a series, as SeriesPatches cuts it. */
export interface PatchSizes {
  /** Positions of the series, N. */
  positions: number;
  patchLength: number;
  stride: number;
}

/** How many there are: one more than fit, as the last value is repeated `stride` times behind the series. */
export function patchCount({ positions, patchLength, stride }: PatchSizes): number {
  return Math.floor((positions + stride - patchLength) / stride) + 1;
}

/** Positions that the patches hold, one patch after the other, [patches * patchLength]. */
export function patchPositions(sizes: PatchSizes): number[] {
  const { positions, patchLength, stride } = sizes;
  return Array.from({ length: patchCount(sizes) * patchLength }, (_, at) => {
    const [patch, within] = [Math.floor(at / patchLength), at % patchLength];
    return Math.min(patch * stride + within, positions - 1);
  });
}
