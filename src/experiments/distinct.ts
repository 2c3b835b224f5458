/** The different ones of some values, in the order in which they first come. */
export const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
