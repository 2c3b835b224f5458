/** The elements at `indices`, in their order. */
export function pick<T>(values: readonly T[], indices: readonly number[]): T[] {
  return indices.map((index) => values[index]);
}
