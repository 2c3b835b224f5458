// Tasks of kernels that go through numbers one by one: spans of a fixed size, so that their bounds, and with them the
// order of every sum, do not depend on the number of threads.

/** Bytes of a span: 64 KB of every operand stay in the second-level cache, and outweigh the cost of taking a task. @shared */
const SPAN_BYTES: usize = 1 << 16;

/** Spans that hold `count` floats. */
@inline
export function spanTasks(count: i32): i32 {
  return <i32>((((<usize>count) << 2) + SPAN_BYTES - 1) / SPAN_BYTES);
}

/** First byte of a span. */
@inline
export function spanBegin(task: i32): usize {
  return <usize>task * SPAN_BYTES;
}

/** End of a span in bytes. */
@inline
export function spanEnd(count: i32, task: i32): usize {
  return min((<usize>count) << 2, spanBegin(task) + SPAN_BYTES);
}
