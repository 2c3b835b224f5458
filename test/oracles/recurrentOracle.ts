/** Recurrent layers in float64, as tf.layers defines them, and gradients by differences. */

export type OracleCell = 'SimpleRNNCell' | 'LSTMCell' | 'GRUCell';

export interface RecurrentProblem {
  cell: OracleCell;
  hardSigmoid: boolean;
  batch: number;
  steps: number;
  units: number;
  /** Per sequence and step; states stay where it is false. */
  mask?: boolean[];
}

/** z [batch, steps, gates units], kernel [units, gates units], h0 and c0 [batch, units]. */
export type RecurrentOperands = Record<'z' | 'kernel' | 'h0' | 'c0', Float64Array>;

export const gatesOf = (cell: OracleCell) => ({ SimpleRNNCell: 1, LSTMCell: 4, GRUCell: 3 })[cell];

/** States h and c of all steps, [batch, steps, units]. */
export function recurrentOracle(
  { cell, hardSigmoid, batch, steps, units, mask }: RecurrentProblem,
  { z, kernel, h0, c0 }: RecurrentOperands,
): { h: Float64Array; c: Float64Array } {
  const width = gatesOf(cell) * units;
  const sigmoid = (x: number) => (hardSigmoid ? Math.min(1, Math.max(0, 0.2 * x + 0.5)) : 1 / (1 + Math.exp(-x)));
  const [h, c] = [new Float64Array(batch * steps * units), new Float64Array(batch * steps * units)];
  /** The number of a gate before its activation: z plus what a row of states gives. */
  const sum = (row: number, states: ArrayLike<number>, column: number) => {
    let total = z[row * width + column];
    for (let k = 0; k < units; k++) total += states[k] * kernel[k * width + column];
    return total;
  };
  for (let b = 0; b < batch; b++) {
    let [state, carried] = [h0.slice(b * units, (b + 1) * units), c0.slice(b * units, (b + 1) * units)];
    for (let t = 0; t < steps; t++) {
      const row = b * steps + t;
      if (!mask || mask[row]) {
        const [previous, before] = [state, carried];
        const gate = (index: number, j: number) => sum(row, previous, index * units + j);
        if (cell === 'SimpleRNNCell') state = previous.map((_, j) => Math.tanh(gate(0, j)));
        if (cell === 'LSTMCell') {
          carried = before.map((own, j) => sigmoid(gate(1, j)) * own + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)));
          state = previous.map((_, j) => sigmoid(gate(3, j)) * Math.tanh(carried[j]));
        }
        if (cell === 'GRUCell') {
          const dampened = previous.map((own, j) => sigmoid(gate(1, j)) * own);
          state = previous.map((own, j) => {
            const u = sigmoid(gate(0, j));
            return u * own + (1 - u) * Math.tanh(sum(row, dampened, 2 * units + j));
          });
        }
      }
      h.set(state, row * units);
      c.set(carried, row * units);
    }
  }
  return { h, c };
}

/** Gradients of sum(dH h + dC c) in all operands, by central differences. */
export function recurrentGradients(
  problem: RecurrentProblem,
  operands: RecurrentOperands,
  { dH, dC }: Record<'dH' | 'dC', ArrayLike<number>>,
): RecurrentOperands {
  const loss = () => {
    const { h, c } = recurrentOracle(problem, operands);
    return h.reduce((total, value, i) => total + value * dH[i], 0) + c.reduce((t, value, i) => t + value * dC[i], 0);
  };
  const step = 1e-6;
  const differentiate = (values: Float64Array) =>
    values.map((value, i) => {
      values[i] = value + step;
      const above = loss();
      values[i] = value - step;
      const below = loss();
      values[i] = value;
      return (above - below) / (2 * step);
    });
  const { z, kernel, h0, c0 } = operands;
  return { z: differentiate(z), kernel: differentiate(kernel), h0: differentiate(h0), c0: differentiate(c0) };
}
