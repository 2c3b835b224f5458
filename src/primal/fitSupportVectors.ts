// pa.fitSupportVectors: attention whose values are learned by support vector regression.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { attention } from '../ops/attention.js';
import { checkTensor, formatShape } from '../checks/tensors.js';
import { featureMaps, type KernelName } from './featureMaps.js';
import { KernelMatrix } from './kernelMatrix.js';
import { resolveSupportVectorOptions, type SupportVectorOptions } from './supportVectorOptions.js';
import { solveDual } from './supportVectorDual.js';

const owner = 'fitSupportVectors';

/**
 * A fitted regression. Its tensors are ordinary tfjs tensors: `dispose` it, or create and use it inside one `tf.tidy`.
 */
export interface SupportVectorFit {
  /** alpha - alpha~, float32 [N, Dv], from -C to C; the sum of a column is 0. */
  dual: Tensor2D;
  /** b, float32 [Dv]. */
  bias: Tensor1D;
  /** The keys of the fit, float32 [N, D]. */
  keys: Tensor2D;
  /** v_j = kernelScale dual_j / h(k_j), float32 [N, Dv]: the values that make attention this regression. */
  values: Tensor2D;
  /** The keys j, in ascending order, with dual_jd != 0 for at least one output d. */
  supportIndices: number[];
  /** The factor of the kernel matrix, as given or as 'auto' found it. */
  kernelScale: number;
  /** The largest KKT gap of an output, in the unit of the targets, 0 to tolerance. */
  gap: number;
  /** Steps of the solver, all outputs together. */
  iterations: number;
  /**
   * f(x) for each row of float32 [Q, D]: float32 [Q, Dv], which is `attention` over `keys` and `values`, plus `bias`.
   * Differentiable in the queries.
   */
  predict: (queries: Tensor) => Tensor2D;
  /** Disposes the tensors; there is no harm in calling it twice, but `predict` is an error from then on. */
  dispose: () => void;
}

/**
 * Support vector regression whose solution is attention: for each output d,
 *
 *     f_d(x) = w_d.Phi(x) / h(x) + b_d,   h(x) = sum_j Phi(x).Phi(k_j)
 *     minimise 1/2 |w_d|^2 + C' sum_j max(0, |y_jd - f_d(k_j)| - epsilon)
 *
 * by its dual, with the kernel matrix K_ij = kernelScale Phi(k_i).Phi(k_j) / (h(k_i) h(k_j)):
 *
 *     maximise -1/2 u K u - epsilon |u|_1 + y_d.u   over u = alpha - alpha~ in [-C, C]^N with sum_j u_j = 0
 *     f_d(x) = sum_j Phi(x).Phi(k_j) / h(x) v_jd + b_d,   v_jd = kernelScale u_jd / h(k_j)
 *
 * The last line is attention with keys k_j and values v_j: softmax attention where Phi(x).Phi(y) = exp(x.y / sqrt D),
 * linear attention where Phi(x) = elu(x) + 1. With kernelScale 1, C' = C, the paper's problem. Another kernelScale is
 * the same problem with C' = kernelScale C: since h grows like N, K shrinks like 1 / N^2, and a kernelScale that
 * compensates for it ('auto') gives C the meaning that it has for other kernels. For `linear`, h(x) includes the 1e-6
 * that `attention` adds.
 *
 * Solved in float64, on one thread and synchronously, using up to 512 MB for rows of K. A solution is accepted when its
 * KKT conditions hold to `tolerance` (see `solveDual`), which is absolute, in the unit of the targets, and by default
 * 100 times stricter than LIBSVM's. The bias is the midpoint of the values that the conditions allow.
 *
 * @param keys k, float32 [N, D], N and D 1 or more, finite.
 * @param targets y, float32 [N, Dv], Dv 1 or more, finite.
 * @param options see SupportVectorOptions; everything is checked.
 * @throws Error that names the argument, what it was and what it must be; Error that states the gap reached where it
 * stays above `tolerance`.
 * @see T. M. Nguyen et al., "A Primal-Dual Framework for Transformers and Neural Networks".
 */
export function fitSupportVectors(keys: Tensor, targets: Tensor, options: SupportVectorOptions = {}): SupportVectorFit {
  const { kernel, kernelScale, ...dualOptions } = resolveSupportVectorOptions(options);
  const keyRows = readRows('keys', keys, '[N, D]');
  const targetRows = readRows('targets', targets, '[N, Dv]');
  const [count, width] = keys.shape as [number, number];
  const outputs = targets.shape[1]!;
  if (targets.shape[0] !== count) {
    throw new Error(
      `${owner}: targets was ${formatShape(targets)}; it must be [${count}, Dv] to fit keys, ${formatShape(keys)}`,
    );
  }
  const matrix = new KernelMatrix(keyRows, width, featureMaps[kernel], kernelScale);
  if (!Number.isFinite(matrix.kernelScale)) {
    throw new Error(
      `${owner}: kernelScale was 'auto'; it must be a number for these keys, whose products leave float64`,
    );
  }
  const dual = new Float64Array(count * outputs);
  const bias = new Float64Array(outputs);
  const solved = { kernelScale: matrix.kernelScale, gap: 0, iterations: 0 };
  for (let d = 0; d < outputs; d++) {
    const column = Float64Array.from({ length: count }, (_, j) => targetRows[j * outputs + d]);
    const solution = solveDual(matrix, column, dualOptions);
    if (!(solution.gap <= dualOptions.tolerance)) {
      throw new Error(
        `${owner}: output ${d} was left with a KKT gap of ${solution.gap} after ${solution.iterations} steps; it must ` +
          `be at most tolerance, ${dualOptions.tolerance}: allow more maxIterations, or lower C or kernelScale`,
      );
    }
    solution.dual.forEach((value, j) => (dual[j * outputs + d] = value));
    bias[d] = solution.bias;
    solved.gap = Math.max(solved.gap, solution.gap);
    solved.iterations += solution.iterations;
  }
  const values = Float32Array.from(dual, (value, at) => value * matrix.valueFactor(Math.floor(at / outputs)));
  if (!values.every(Number.isFinite)) {
    throw new Error(
      `${owner}: kernelScale was ${matrix.kernelScale}; it must leave kernelScale dual / h in the range of float32: ` +
        'lower it or C',
    );
  }
  const supports = (j: number) => dual.subarray(j * outputs, (j + 1) * outputs).some((value) => value !== 0);
  const tensors = {
    dual: tf.tensor2d(Float32Array.from(dual), [count, outputs]),
    bias: tf.tensor1d(Float32Array.from(bias)),
    keys: keys.clone() as Tensor2D,
    values: tf.tensor2d(values, [count, outputs]),
  };
  const supportIndices = [...Array(count).keys()].filter(supports);
  return { ...tensors, supportIndices, ...solved, ...operationsOf(tensors, kernel) };
}

/**
 * Outside of `fitSupportVectors`, since what a closure captures stays in memory, and the rows of the matrix must not.
 */
function operationsOf(
  tensors: Pick<SupportVectorFit, 'dual' | 'bias' | 'keys' | 'values'>,
  kernel: KernelName,
): Pick<SupportVectorFit, 'predict' | 'dispose'> {
  const { bias, keys, values } = tensors;
  const width = keys.shape[1];
  return {
    predict(queries) {
      checkTensor('predict', 'queries', queries, ['float32'], '[Q, D]');
      if (queries.shape[1] !== width) {
        throw new Error(`predict: queries was ${formatShape(queries)}; it must be [Q, ${width}], as wide as the keys`);
      }
      if (keys.isDisposed) throw new Error('predict: the fit is disposed; it must be a live one');
      return tf.tidy(() => {
        const [q, k, v] = [queries, keys, values].map((rows) => tf.reshape(rows, [1, 1, ...rows.shape]));
        const out = attention(q, k, v, { kernel });
        return tf.add(tf.reshape(out, [queries.shape[0], values.shape[1]]), bias);
      });
    },
    dispose: () => tf.dispose(tensors),
  };
}

/** The rows of a finite float32 matrix, neither of whose dimensions is 0. */
function readRows(name: string, tensor: Tensor, form: string): Float32Array {
  checkTensor(owner, name, tensor, ['float32'], form);
  if (tensor.size === 0) throw new Error(`${owner}: ${name} was ${formatShape(tensor)}; it must not be empty`);
  const rows = tensor.dataSync<'float32'>();
  const wrong = rows.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return rows;
  const width = tensor.shape[1]!;
  throw new Error(
    `${owner}: ${name}[${Math.floor(wrong / width)}, ${wrong % width}] was ${rows[wrong]}; it must be finite`,
  );
}
