// Options of pa.fitSupportVectors: their types, checks and defaults.

import { checkInteger, checkNumber, checkOptions, formatValue } from '../checks/values.js';
import { featureMaps, type KernelName } from './featureMaps.js';

/** Options of `fitSupportVectors`; all have a default. */
export interface SupportVectorOptions {
  /** As in `attention`; default 'softmax'. */
  kernel?: KernelName;
  /** Bound of the dual variables, above 0: the price of an error. Default 1. */
  C?: number;
  /** Half width of the tube in which an error costs nothing, in the unit of the targets, 0 or more; default 0.1. */
  epsilon?: number;
  /** Factor of the kernel matrix, above 0, or 'auto': the one that makes the mean of its diagonal 1. Default 1. */
  kernelScale?: number | 'auto';
  /** Largest KKT gap to accept, in the unit of the targets, above 0; default 1e-5. */
  tolerance?: number;
  /** Steps of the solver for one output, 1 or more, before it gives up; default 10 million. */
  maxIterations?: number;
}

const defaults: Required<SupportVectorOptions> = {
  kernel: 'softmax',
  C: 1,
  epsilon: 0.1,
  kernelScale: 1,
  tolerance: 1e-5,
  maxIterations: 10_000_000,
};

const owner = 'fitSupportVectors';

/** Checks the options of `fitSupportVectors`, and fills in every default. */
export function resolveSupportVectorOptions(options: SupportVectorOptions): Required<SupportVectorOptions> {
  checkOptions(owner, options, Object.keys(defaults));
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const resolved = { ...defaults, ...(Object.fromEntries(given) as SupportVectorOptions) };
  const { kernel, C, epsilon, kernelScale, tolerance, maxIterations } = resolved;
  if (!Object.hasOwn(featureMaps, kernel)) {
    throw new Error(`${owner}: kernel was ${formatValue(kernel)}; it must be 'softmax' or 'linear'`);
  }
  checkNumber(owner, 'C', C, (x) => x > 0, 'a finite float32 above 0');
  checkNumber(owner, 'epsilon', epsilon, (x) => x >= 0, 'a finite float32, 0 or more');
  if (kernelScale !== 'auto') {
    checkNumber(owner, 'kernelScale', kernelScale, (x) => x > 0, "a finite float32 above 0, or 'auto'");
  }
  checkNumber(owner, 'tolerance', tolerance, (x) => x > 0, 'a finite float32 above 0');
  checkInteger(owner, 'maxIterations', maxIterations, 1, Infinity);
  return resolved;
}
