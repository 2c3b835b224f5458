// Tasks of kernels that go down the columns of a matrix: strips of columns, each with its own sums.

/** Columns of a strip: a cache line of every row. */
const STRIP: i32 = 16;
/** Bytes of a strip's row. */
export const STRIP_BYTES: usize = <usize>STRIP << 2;

@inline
export function stripTasks(columns: i32): i32 {
  return (columns + STRIP - 1) / STRIP;
}

/** Byte of a row at which a strip begins. */
@inline
export function stripBegin(task: i32): usize {
  return <usize>task * STRIP_BYTES;
}

/** Bytes of a row that belong to a strip. */
@inline
export function stripSize(columns: i32, task: i32): usize {
  return min(STRIP_BYTES, ((<usize>columns) << 2) - stripBegin(task));
}
