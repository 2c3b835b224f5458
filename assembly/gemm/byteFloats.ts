/**
 * What sums of products of bytes stand for: sums times the scale of the row, in every lane, times those of the columns, plus
 * the bias. Multiplied and added, not fused, so that every build gives the same numbers. Scales are at least 2^-63, and no
 * bias is below 2^-100: no number here is subnormal.
 */
@inline
export function toFloats(sums: v128, rowScale: v128, columnScales: v128, bias: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sums), f32x4.mul(rowScale, columnScales)), bias);
}
