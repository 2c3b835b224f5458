// The feature maps of the framework, as exact functions in float64.

import type { AttentionOptions } from '../ops/attentionOptions.js';

/** The kernels, named as in `attention`. */
export type KernelName = NonNullable<AttentionOptions['kernel']>;

/**
 * A feature map Phi, known by its products. Those are kept as logarithms, since exp(x.y / sqrt D) leaves the range
 * of float64 long before the ratios that make up attention do.
 */
export interface FeatureMap {
  /** Coordinate of a row of width D before rows are multiplied. */
  coordinate: (x: number, width: number) => number;
  /** log Phi(x).Phi(y), from the product of their coordinates; -Infinity for 0. */
  logProduct: (product: number) => number;
  /** What `attention` adds to the sum of products in h(x). */
  normaliserFloor: number;
}

/**
 * Phi for each kernel.
 *
 * - softmax: Phi(x).Phi(y) = exp(x.y / sqrt D). Phi itself has infinitely many features, the monomials of the
 *   exponential's series, so only its products can be computed.
 * - linear: Phi(x) = elu(x) + 1 for each element, D features, all above 0.
 *
 * @see T. M. Nguyen et al., "A Primal-Dual Framework for Transformers and Neural Networks"; A. Katharopoulos et al.,
 * "Transformers are RNNs", for the linear map.
 */
export const featureMaps: Readonly<Record<KernelName, FeatureMap>> = {
  softmax: {
    coordinate: (x, width) => x * width ** -0.25,
    logProduct: (product) => product,
    normaliserFloor: 0,
  },
  linear: {
    coordinate: (x) => (x > 0 ? x + 1 : Math.exp(x)),
    logProduct: Math.log,
    normaliserFloor: 1e-6,
  },
};
