import { beforeAll, describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import type { TransformerEncoderLayer } from '../../src/index.js';

beforeAll(() => pa.init());

const sizes = { heads: 4, length: 20, layers: 3 };

describe('modelForm', () => {
  it('is that of attention, for all layers alike', () => {
    for (const name of pa.attentionFormNames) {
      expect(pa.modelForm(name)(sizes)).toEqual({ attention: pa.attentionForm(name)({ heads: 4, length: 20 }) });
    }
  });

  it.each([
    [20, [2, 4, 8]],
    [7, [2, 2, 2]],
    [1, [2, 2, 2]],
  ])('doubles scales from layer to layer, for %d positions %j', (length, scales) => {
    const { attention } = pa.modelForm('sh-layers')({ ...sizes, length });
    const found = (attention as pa.LayerAttentionOptions[]).map(({ headScales }) => headScales);
    expect(found).toEqual(scales.map((scale) => [1, 1, scale, scale]));
  });

  it('refuses other names and sizes', () => {
    expect(() => pa.modelForm('bn-betta')).toThrow("form was 'bn-betta'");
    expect(() => pa.modelForm('bn-beta')({ heads: 4, length: 20 } as pa.ModelFormSizes)).toThrow('layers');
  });

  it.each(pa.modelFormNames)('makes models that train, of %s', async (name) => {
    const model = pa.timeSeriesClassifier({
      ...{ channels: 2, length: 20, classes: 2, width: 8, feedForward: 8, heads: 4, layers: 3, seed: 1 },
      ...pa.modelForm(name)(sizes),
    });
    const series = Array.from({ length: 8 }, (_, i) =>
      Float32Array.from({ length: 40 }, (_, t) => Math.sin(t * (i + 1))),
    );
    const data = {
      series,
      lengths: series.map(() => 20),
      channels: 2,
      labels: [0, 1, 0, 1, 0, 1, 0, 1],
      classNames: ['a', 'b'],
    };
    const betas = () =>
      model.layers
        .filter(({ name }) => name.startsWith('encoder_'))
        .flatMap((layer) => (layer as TransformerEncoderLayer).attention.getWeights().filter(({ size }) => size === 1))
        .map((weight) => weight.dataSync()[0]);
    const trained = name.includes('beta');
    expect(betas()).toEqual(trained ? [1, 1, 1] : []);
    await pa.fit(model, data, { epochs: 2, seed: 1, learningRate: 0.01 });
    expect(betas().some((beta) => beta !== 1)).toBe(trained);
    model.dispose();
  });

  it('trains no beta where a layer has no Attention-BN', () => {
    const attention = [{ batchNorm: true }, {}];
    expect(() =>
      pa.timeSeriesClassifier({ channels: 1, length: 4, classes: 2, layers: 2, attention, trainableBeta: true }),
    ).toThrow('trainableBeta was true without attention.batchNorm');
  });
});
