// Tasks of kernels that go through the rows of a matrix: blocks of rows of a fixed size.

/** Bytes of a block: rows and what is computed from them stay in the second-level cache. */
const BLOCK_BYTES: usize = 1 << 16;
/** Blocks at most, so that sums over rows, taken block by block, have few parts. */
const MOST_BLOCKS: i32 = 64;

/** Rows of a block. */
@inline
export function blockRows(rows: i32, columns: i32): i32 {
  const fitting = <i32>max<usize>(1, BLOCK_BYTES / max<usize>(4, <usize>columns << 2));
  return max(fitting, (rows + MOST_BLOCKS - 1) / MOST_BLOCKS);
}

@inline
export function blockTasks(rows: i32, columns: i32): i32 {
  const step = blockRows(rows, columns);
  return (rows + step - 1) / step;
}

/** First row of a block, and the end of its rows. */
@inline
export function blockBegin(task: i32, rows: i32, columns: i32): i32 {
  return task * blockRows(rows, columns);
}

@inline
export function blockEnd(task: i32, rows: i32, columns: i32): i32 {
  return min(rows, (task + 1) * blockRows(rows, columns));
}
