import { expect, it } from 'vitest';
import { maxError, maxSize } from '../../support/attention.js';
import { attentionOracle, type OracleProblem } from '../../oracles/attentionOracle.js';
import { goldenCases } from '../../support/golden.js';

// What the fuzzer takes for the truth, in float64, against PyTorch's.
it.each(goldenCases())('the oracle agrees with PyTorch: $name', ({ name, options, arrays }) => {
  const { q, k, v, dout, mask, conv } = arrays;
  const { conv2dGrid, ...others } = options as { conv2dGrid?: number[] };
  const [[B, H, N, D], [, G, M, E]] = [q.shape, v.shape];
  const strides = mask?.shape.map((size, axis) =>
    size === 1 ? 0 : mask.shape.slice(axis + 1).reduce((a, b) => a * b, 1),
  );
  const problem: OracleProblem = {
    ...{ B, H, G, N, M, D, E },
    ...{ q: q.values, k: k.values, v: v.values, dOut: dout.values },
    ...others,
  };
  if (mask && strides) {
    problem.mask = (...at) => {
      const value = mask.values[strides.reduce((sum, stride, axis) => sum + stride * at[4 - strides.length + axis], 0)];
      return mask.dtype === 'bool' ? (value ? 0 : -Infinity) : value;
    };
  }
  if (conv) {
    const [rows, columns] = conv.shape.length === 4 ? conv.shape.slice(2) : [1, conv.shape[2]];
    problem.conv = { values: conv.values, rows, columns, width: conv2dGrid?.[1] };
  }
  const result = attentionOracle(problem);
  const names = { out: 'out', dq: 'dq', dk: 'dk', dv: 'dv', ...(conv && { dKernel: 'dconv' }) } as const;
  for (const [own, theirs] of Object.entries(names)) {
    const expected = arrays[theirs as 'out'].values;
    expect(maxError(result[own as 'out'], expected), `${name} ${own}`).toBeLessThan(1e-12 * (1 + maxSize(expected)));
  }
});
