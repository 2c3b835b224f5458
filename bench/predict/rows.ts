// What is measured of predicting: a product with a weight, and whole predictions of classifiers.

/** A time series classifier, and what a case of it is. */
export interface PredictedModel {
  name: string;
  /** As JapaneseVowels has them. */
  channels: number;
  length: number;
  classes: number;
  width: number;
  feedForward: number;
  layers: number;
}

const series = { channels: 12, length: 29, classes: 9, layers: 2 };

export const models: readonly PredictedModel[] = [
  { name: 'JapaneseVowels 128', ...series, width: 128, feedForward: 256 },
  { name: 'public 512', ...series, width: 512, feedForward: 2048 },
];

/** A product [rows, depth] x [depth, columns] with its bias. */
export interface PredictedProduct {
  rows: number;
  depth: number;
  columns: number;
}

export type PredictJob = { product: PredictedProduct } | { model: PredictedModel; batch: number };

export const jobs: readonly PredictJob[] = [
  { product: { rows: 928, depth: 512, columns: 2048 } },
  { product: { rows: 928, depth: 2048, columns: 512 } },
  ...models.flatMap((model) => [1, 8].map((batch) => ({ model, batch }))),
];

export function jobName(job: PredictJob): string {
  if ('model' in job) return `${job.model.name} batch ${job.batch}`;
  const { rows, depth, columns } = job.product;
  return `product ${rows}x${depth}x${columns}`;
}

/** Multiplications and additions of a call: products with weights, and those of attention. */
export function operations(job: PredictJob): number {
  if ('product' in job) return 2 * job.product.rows * job.product.depth * job.product.columns;
  const { channels, length, classes, width, feedForward, layers } = job.model;
  const layer = 4 * width * width + 2 * width * feedForward + 2 * length * width;
  return 2 * job.batch * length * (channels * width + layers * layer + width * classes);
}
