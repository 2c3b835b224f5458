/** What an encoder layer is made of, whatever computes: tensors, or the plan of src/predict. */
export interface EncoderParts<T> {
  attend: (x: T) => T;
  feed: (x: T) => T;
  /** The residual sum of x and what a part made of it. */
  add: (x: T, branch: T) => T;
  normalizeAttention: (x: T) => T;
  normalizeFeedForward: (x: T) => T;
}

/**
 * One encoder layer: attention and the feed-forward part, each with its residual sum and its normalisation.
 *
 * @param x [B, N, C]
 * @param normFirst pre-norm; else post-norm
 * @returns [B, N, C]
 */
export function encoderBlock<T>(
  x: T,
  normFirst: boolean,
  { attend, feed, add, normalizeAttention, normalizeFeedForward }: EncoderParts<T>,
): T {
  const step = (y: T, part: (y: T) => T, normalize: (y: T) => T) =>
    normFirst ? add(y, part(normalize(y))) : normalize(add(y, part(y)));
  return step(step(x, attend, normalizeAttention), feed, normalizeFeedForward);
}
