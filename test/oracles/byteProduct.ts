// Products of whole numbers, as plain loops: what `precision: 'int8'` computes, number for number.

const { fround } = Math;

/** The nearest whole number; of two, the even one. */
function nearest(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

/** x is about scale (number - zero). */
export interface Quantized {
  numbers: number[];
  scale: number;
  zero: number;
}

const LEAST_STEP = 2 ** -63;
/** Numbers below are no float32, or subnormal. */
const SMALLEST_NORMAL = 2 ** -126;

const kept = (x: number) => (Math.abs(x) < SMALLEST_NORMAL ? 0 : x);

/** A row as whole numbers from 0 to 127, 0 among what it can say exactly. */
export function quantizeRow(row: readonly number[]): Quantized {
  if (!row.every(Number.isFinite)) return { numbers: row.map(() => 0), scale: NaN, zero: 0 };
  const bottom = Math.min(0, ...row);
  const top = Math.max(0, ...row);
  const scale = Math.max(fround(fround(top / 127) - fround(bottom / 127)), LEAST_STEP);
  const inverse = fround(1 / scale);
  const zero = nearest(fround(-bottom * inverse));
  return { numbers: row.map((x) => Math.min(127, nearest(fround(kept(x) * inverse) + zero))), scale, zero };
}

/** A column of weights as whole numbers from -127 to 127; 0 is 0. */
export function quantizeColumn(column: readonly number[]): Quantized {
  if (!column.every(Number.isFinite)) return { numbers: column.map(() => 0), scale: NaN, zero: 0 };
  const most = Math.max(SMALLEST_NORMAL, ...column.map(Math.abs));
  const scale = Math.max(fround(most / 127), LEAST_STEP);
  const inverse = fround(1 / scale);
  return { numbers: column.map((x) => nearest(fround(kept(x) * inverse))), scale, zero: 0 };
}

/** a [rows][depth] b [depth][columns] + bias, from whole numbers: [rows][columns], float32. */
export function byteProduct(a: number[][], b: number[][], bias: readonly number[]): number[][] {
  const columns = bias.map((_, column) => quantizeColumn(b.map((row) => row[column])));
  return a.map((row) => {
    const left = quantizeRow(row);
    return columns.map((right, column) => {
      const sum = left.numbers.reduce((total, x, term) => total + (x - left.zero) * right.numbers[term], 0);
      const product = fround(fround(sum) * fround(left.scale * right.scale));
      return fround(product + (Math.abs(bias[column]) < 2 ** -100 ? 0 : bias[column]));
    });
  });
}
