/** What each kind of normalisation adds to the variance, or the mean square, by default; PyTorch's for the first two. */
export const normalizationEpsilons = { batch: 1e-5, layer: 1e-5, rms: 1e-6 } as const;

/** That of reversible instance normalisation. */
export const INSTANCE_EPSILON = 1e-5;
