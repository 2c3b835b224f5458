/** A list of its own, of one value or of those of a list. */
export const listOf = <T>(values: T | readonly T[]): T[] => (Array.isArray(values) ? [...values] : [values as T]);
