import '../../layers/register.js'; // those that a saved model names
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { attentionMaps } from '../../analysis/attentionMaps.js';
import { mapsChart } from '../../analysis/mapsChart.js';
import { traitsOf } from '../../data/kinds/traitsOf.js';
import type { LabelledData } from '../../data/labelledData.js';
import { standardize } from '../../data/standardize.js';
import type { Case, CaseKind } from '../../predict/types.js';
import type { ModelMetadata } from '../../data/modelMetadata.js';
import { getMetadata } from '../../training/metadata.js';
import type { ModelSource } from '../models/modelFiles.js';
import type { CaseMap } from './messages.js';

/** A model for maps: with tfjs, since a predictor never has the weights of attention in its memory. */
export async function modelOf({ model, weights }: ModelSource): Promise<LayersModel> {
  const artifacts = await tf.io.getModelArtifactsForJSON(model as tf.io.ModelJSON, (manifest) =>
    Promise.resolve([tf.io.getWeightSpecs(manifest), weights]),
  );
  return loadLayersModel({ load: () => Promise.resolve(artifacts) });
}

/** A case, as a predictor takes it, as data. */
const dataOf: Record<CaseKind, (one: Case, shape: number[], metadata: ModelMetadata) => LabelledData> = {
  series(one, [, channels], { classNames }) {
    const values = one instanceof Float32Array ? one : Float32Array.from((one as number[][]).flat());
    return {
      kind: 'series',
      series: [values],
      lengths: [values.length / channels],
      channels,
      labels: [-1],
      classNames,
    };
  },
  images: (one, [height, width, channels], { classNames }) => ({
    ...{ kind: 'images', images: Float32Array.from(one as Float32Array), height, width, channels },
    ...{ labels: [-1], classNames },
  }),
  tokens(one, _, { classNames, vocabulary }) {
    const tokens = Int32Array.from(one as number[]);
    const numbers = () => Array.from({ length: Math.max(...tokens) + 1 }, (_, token) => `${token}`);
    return {
      ...{ kind: 'tokens', tokens: [tokens], lengths: [tokens.length], vocabulary: vocabulary ?? numbers() },
      ...{ labels: [-1], classNames },
    };
  },
};

/**
 * @param one the case, which a predictor has taken
 * @param shape of the model's input
 */
export async function caseMap(model: LayersModel, kind: CaseKind, shape: number[], one: Case): Promise<CaseMap> {
  const metadata = getMetadata(model);
  const data = dataOf[kind](one, shape, metadata);
  const maps = attentionMaps(model, standardize(data, metadata.statistics), [0]);
  const [positions] = traitsOf(data).lengths(data) ?? [shape[0]];
  const [numbers] = traitsOf(data).values(data);
  const values = Array.from(numbers, (value) => (Number.isNaN(value) ? null : value));
  return {
    kind,
    shape: [positions, ...shape.slice(1)],
    values: data.kind === 'tokens' ? values.map((token) => data.vocabulary[token!]) : values,
    svg: await mapsChart(maps, 'Attention', 'Rows are queries, columns the keys that they attend to.'),
  };
}
