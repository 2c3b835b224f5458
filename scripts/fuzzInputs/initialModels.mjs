import { join } from 'node:path';
import * as pa from '../../dist/index.js';

const encoder = { width: 4, feedForward: 4, heads: 1, layers: 1, seed: 1 };
const sizes = { ...encoder, classes: 2 };
const classNames = ['down', 'up'];
const common = { data: 'Set', form: 'softmax', classNames };
const statistics = { mean: [0], deviation: [1] };

/** A model that learns numbers, and one that forecasts, with the metadata that their data gives them. */
function modelsOfNumbers() {
  const cases = pa.parseTimeSeries('@univariate true\n@targetLabel true\n@data\n1,2,3:0.5\n3,2,1:1.5\n', 'targets');
  const targetStatistics = pa.targetStatistics(cases.targets);
  const values = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i));
  const table = { channelNames: ['x'], values };
  const { train } = pa.forecastDataset('table', 'Set', table, { length: 4, horizon: 2 });
  const kept = (data) => pa.metadataOf(data, { data: 'Set', form: 'softmax', statistics });
  return {
    regressor: [pa.timeSeriesRegressor({ ...encoder, channels: 1, length: 8 }), kept({ ...cases, targetStatistics })],
    forecaster: [
      pa.timeSeriesForecaster({ ...encoder, channels: 1, length: 4, horizon: 2, patchLength: 2 }),
      kept(train),
    ],
  };
}

/** Makes and saves a model of series, of images 4 x 4, of ListOps's tokens, and of numbers; gives their folders. */
export async function initialModels(folder) {
  const { vocabulary } = pa.generateListOps({ count: 1, minimum: 3, maximum: 20, seed: 1 });
  const made = {
    series: [pa.timeSeriesClassifier({ ...sizes, channels: 1, length: 8 }), { kind: 'series', statistics }],
    images: [
      pa.visionTransformer({ ...sizes, embedDim: 4, height: 4, width: 4, channels: 1, patchSize: 2 }),
      { kind: 'images', statistics },
    ],
    tokens: [
      pa.tokenClassifier({ ...sizes, vocabulary: vocabulary.length, length: 16 }),
      { kind: 'tokens', statistics: null, vocabulary },
    ],
  };
  Object.assign(made, modelsOfNumbers());
  const folders = {};
  for (const [kind, [model, metadata]] of Object.entries(made)) {
    pa.setMetadata(model, { ...common, ...metadata });
    folders[kind] = join(folder, kind);
    await pa.save(model, folders[kind]);
    model.dispose();
  }
  return folders;
}
