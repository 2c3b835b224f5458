/**
 * Rows of numbers one after the other, each padded with zeros.
 *
 * @param rows of at most `length` numbers
 * @param length numbers of a row in the result
 */
export function padRows(rows: readonly ArrayLike<number>[], length: number): Float32Array {
  const values = new Float32Array(rows.length * length);
  rows.forEach((row, index) => values.set(row, index * length));
  return values;
}
