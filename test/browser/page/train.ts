// A classifier of time series, trained in a page and in Node.

import { fit, timeSeriesClassifier } from 'primal-attention';

/** Mean losses of the epochs, on series that rise or fall. */
export async function train(epochs: number): Promise<number[]> {
  const labels = Array.from({ length: 32 }, (_, index) => index % 2);
  const series = labels.map((label, index) =>
    Float32Array.from({ length: 20 }, (_, t) => (label === 0 ? t - 10 : 10 - t) / 10 + Math.sin(index * t)),
  );
  const data = { series, lengths: labels.map(() => 20), channels: 1, labels, classNames: ['rising', 'falling'] };
  const config = { channels: 1, length: 20, classes: 2, width: 32, feedForward: 64, heads: 4, layers: 2, seed: 1 };
  const attention = { batchNorm: true, headScales: [1, 1, 2, 2] };
  const model = timeSeriesClassifier({ ...config, attention });
  const history = await fit(model, data, { epochs, batchSize: 16, learningRate: 0.003, seed: 1 });
  model.dispose();
  return history.map(({ loss }) => loss);
}
