// Normalisation in float64: plain loops over rows of C channels.

export function layerNormalizationOracle(x: number[], gamma: number[], beta: number[], epsilon: number): number[] {
  const width = gamma.length;
  const out: number[] = [];
  for (let start = 0; start < x.length; start += width) {
    const row = x.slice(start, start + width);
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    row.forEach((value, c) => out.push((gamma[c] * (value - mean)) / Math.sqrt(variance + epsilon) + beta[c]));
  }
  return out;
}

/** Mean and variance of each channel over the positions n < lengths[b] of x [B, N, C]. */
export function channelStatistics(
  x: number[],
  channels: number,
  lengths: number[],
): { mean: number[]; variance: number[] } {
  const positions = x.length / channels / lengths.length;
  const average = (of: (index: number) => number) => {
    let [sum, count] = [0, 0];
    for (let b = 0; b < lengths.length; b++) {
      for (let n = 0; n < lengths[b]; n++, count++) sum += of((b * positions + n) * channels);
    }
    return sum / Math.max(count, 1);
  };
  const mean = Array.from({ length: channels }, (_, c) => average((row) => x[row + c]));
  const variance = mean.map((mu, c) => average((row) => (x[row + c] - mu) ** 2));
  return { mean, variance };
}

export function batchNormalizationOracle(
  x: number[],
  gamma: number[],
  beta: number[],
  { mean, variance }: { mean: number[]; variance: number[] },
  epsilon: number,
): number[] {
  return x.map((value, i) => {
    const c = i % gamma.length;
    return (gamma[c] * (value - mean[c])) / Math.sqrt(variance[c] + epsilon) + beta[c];
  });
}

export function rmsNormalizationOracle(x: number[], gamma: number[], epsilon: number): number[] {
  const width = gamma.length;
  return x.map((value, i) => {
    const row = x.slice(i - (i % width), i - (i % width) + width);
    const square = row.reduce((sum, one) => sum + one * one, 0) / width;
    return (gamma[i % width] * value) / Math.sqrt(square + epsilon);
  });
}
