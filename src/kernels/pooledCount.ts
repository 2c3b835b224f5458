/**
 * @param length positions, 0 or more.
 * @param scale positions pooled into one.
 * @param unpooled leading positions that stay as they are.
 * @returns how many positions are left of them.
 */
export function pooledCount(length: number, scale: number, unpooled = 0): number {
  return Math.min(length, unpooled) + Math.ceil(Math.max(length - unpooled, 0) / scale);
}
