/** The median, truncated to an integer; of an even number, the mean of the middle two. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Math.floor((sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2);
}

/** The value of each operator for its arguments, one or more digits. */
export const operators: Readonly<Record<string, (values: readonly number[]) => number>> = {
  '[MIN': (values) => Math.min(...values),
  '[MAX': (values) => Math.max(...values),
  '[MED': median,
  '[SM': (values) => values.reduce((a, b) => a + b, 0) % 10,
};

/** Names of the operators, in the order of their tokens. */
export const operatorNames: readonly string[] = Object.keys(operators);

/** The token that ends an operator's arguments. */
export const END = ']';

/** ListOps's classes: the digits, which are also tokens 0 to 9. */
export const digits: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** All tokens of ListOps: digits, operators, and the bracket that closes them. */
export const listOpsVocabulary: readonly string[] = [...digits, ...operatorNames, END];
