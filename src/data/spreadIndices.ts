/** `count` of the indices 0 .. total - 1, evenly spread: cases are often sorted by class. */
export function spreadIndices(count: number, total: number): number[] {
  const taken = Math.min(count, total);
  return Array.from({ length: taken }, (_, index) => Math.floor((index * total) / taken));
}
