// What the operands of a work hold: numbers of all sizes, the same in each process.

import { between, normal } from '../random.js';

/** Numbers for the operands of a work. */
export interface OperandValues {
  name: string;
  /**
   * @param operand its name in the work
   * @param count how many numbers
   * @param small whether it is among the operands that are small where the others are not
   */
  make: (operand: string, count: number, small: boolean) => Float32Array;
}

function scaled(name: string, scale: number, which: 'small' | 'all'): OperandValues {
  return {
    name,
    make: (operand, count, small) => {
      const factor = which === 'all' || small ? scale : 1;
      return normal(operand, count).map((value) => factor * value);
    },
  };
}

/** What all other values are compared with. */
export const unit = scaled('1', 1, 'all');

/** Powers of ten with exponents spread evenly over those of float32, subnormal numbers included, of both signs. */
const logUniform: OperandValues = {
  name: 'log-uniform 1e-45 to 1e3',
  make: (operand, count) => {
    const signs = between(`${operand} signs`, count, 1);
    return between(operand, count, 24).map((value, index) => Math.sign(signs[index]) * 10 ** (value - 21));
  },
};

/**
 * Values for every work. At 1e-19 each operand is a normal number and their products are subnormal; 1e-37 is close to
 * the smallest normal number, 1.2e-38, and 1e-39 below it.
 */
export const commonValues: readonly OperandValues[] = [
  scaled('1e-19 x 1e-19', 1e-19, 'all'),
  ...['1e-30', '1e-37', '1e-39'].map((name) => scaled(name, Number(name), 'small')),
  logUniform,
];

/** GELU's argument where its value becomes subnormal; that of a linear map is its bias, and little else. */
export function geluTails(argument: string): OperandValues {
  return {
    name: 'GELU tails',
    make: (operand, count) =>
      operand === argument
        ? between(operand, count, 0.5).map((value) => value - 13.5)
        : normal(operand, count).map((value) => (operand === 'kernel' ? 0.1 * value : value)),
  };
}

/** `operand` such that the scores of a row, or the logits, are spread over these ranges: six standard deviations each. */
export function ranges(operand: string): OperandValues[] {
  return [10, 60, 100, 1000].map((range) => ({
    name: `range ${range}`,
    make: (name, count) => normal(name, count).map((value) => (name === operand ? (range / 6) * value : value)),
  }));
}
