// Activations in float64.

/** The normal distribution function: continued fraction of the upper tail above 2, series below it (Abramowitz and Stegun 26.2). */
export function distribution(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const a = Math.abs(x);
  if (a > 2) {
    let fraction = 0;
    for (let n = 80; n > 0; n--) fraction = n / (a + fraction);
    const tail = density / (a + fraction);
    return x > 0 ? 1 - tail : tail;
  }
  let [term, sum] = [x, x];
  for (let n = 1; n < 60; n++) sum += term *= (x * x) / (2 * n + 1);
  return 0.5 + density * sum;
}

export const activationOracles = {
  linear: (x: number) => x,
  relu: (x: number) => Math.max(x, 0),
  gelu: (x: number) => x * distribution(x),
  geluTanh: (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};
