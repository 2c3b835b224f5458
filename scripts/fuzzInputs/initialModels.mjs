import { join } from 'node:path';
import * as pa from '../../dist/index.js';

const sizes = { width: 4, feedForward: 4, heads: 1, layers: 1, classes: 2, seed: 1 };
const classNames = ['down', 'up'];
const common = { data: 'Set', form: 'softmax', classNames };
const statistics = { mean: [0], deviation: [1] };

/** Makes and saves a model of series, of images 4 x 4, and of ListOps's tokens; gives their folders. */
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
  const folders = {};
  for (const [kind, [model, metadata]] of Object.entries(made)) {
    pa.setMetadata(model, { ...common, ...metadata });
    folders[kind] = join(folder, kind);
    await pa.save(model, folders[kind]);
    model.dispose();
  }
  return folders;
}
