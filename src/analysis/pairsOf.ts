/** What a table [H][H] holds of the pairs h < other, row by row. */
export const pairsOf = (table: readonly (readonly number[])[]): number[] => table.flatMap((row, h) => row.slice(h + 1));
