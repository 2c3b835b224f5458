// Sums over segments: the gradient of a gather.

/**
 * out[s] = sum of rows x[i] with segments[i] = s; out [count, width], x [rows, width], float32. Rows whose segment lies
 * outside 0..count-1 are left out, as tfjs-core documents. The sum runs in the order of the rows.
 */
export function segmentSum(out: usize, x: usize, segments: usize, rows: i32, count: i32, width: i32): void {
  const size = <usize>width << 2;
  const whole = size & ~15;
  memory.fill(out, 0, <usize>count * size);
  for (let i = 0; i < rows; i++, x += size) {
    const segment = load<i32>(segments + (<usize>i << 2));
    if (segment < 0 || segment >= count) continue;
    const row = out + <usize>segment * size;
    for (let j: usize = 0; j < whole; j += 16) {
      v128.store(row + j, f32x4.add(v128.load(row + j), v128.load(x + j)));
    }
    for (let j = whole; j < size; j += 4) store<f32>(row + j, load<f32>(row + j) + load<f32>(x + j));
  }
}
