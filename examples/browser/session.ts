import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import * as pa from 'primal-attention';
import type { DataFacts, ModelFacts, ShownCase } from './messages.js';

/** Heads of the models trained here. */
const HEADS = 4;

/** Forms of attention to choose from. */
const forms = ['softmax', 'bn', 'sh', 'bn+sh', 'linear', 'window'];

type TrainOptions = Pick<pa.FitOptions, 'epochs' | 'signal' | 'onBatchEnd' | 'onEpochEnd'> & { width: number };

async function fetchSeries(url: string): Promise<pa.TimeSeriesData> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return pa.parseTimeSeries(await response.text(), url);
}

/** A data set, and the model that was trained on it or opened last. */
export class Session {
  private name = '';
  /** As the files have them. */
  private raw!: Omit<pa.Dataset<pa.TimeSeriesData>, 'name'>;
  private model?: LayersModel;
  /** The test part, standardised as the model needs it. */
  private test!: pa.TimeSeriesData;
  /** What the model takes each test case for. */
  private predicted!: number[];

  /** Loads a data set from URL_TRAIN.ts and URL_TEST.ts. */
  async start(url: string): Promise<{ data: DataFacts; forms: string[] }> {
    this.name = url.split('/').at(-1)!;
    const [train, test] = await Promise.all(['TRAIN', 'TEST'].map((part) => fetchSeries(`${url}_${part}.ts`)));
    this.raw = { train, test };
    const data: DataFacts = {
      name: this.name,
      trainingCases: train.labels.length,
      channels: train.channels,
      length: pa.longest(train, test),
      classNames: train.classNames,
      labels: test.labels,
    };
    return { data, forms };
  }

  /** Trains a new model on four fifths of the training part; the rest shows how it does while it learns. */
  async train(form: string, { width, ...options }: TrainOptions): Promise<ModelFacts> {
    const { train, test } = this.raw;
    const statistics = pa.channelStatistics(train);
    const parts = pa.stratifiedSplit(pa.standardize(train, statistics), 0.2, 1);
    const length = pa.longest(train, test);
    const model = pa.timeSeriesClassifier({
      channels: train.channels,
      length,
      classes: train.classNames.length,
      width,
      feedForward: 2 * width,
      heads: HEADS,
      layers: 2,
      attention: pa.attentionForm(form)({ heads: HEADS, length }),
    });
    return this.use(model, async () => {
      await pa.fit(model, parts.train, { batchSize: 16, learningRate: 2e-3, validation: parts.validation, ...options });
      pa.setMetadata(model, pa.metadataOf(train, { data: this.name, form, statistics }));
    });
  }

  /** Opens a model that `primal-attention train` or `pa.save` wrote, from all files of its folder. */
  async open(files: File[]): Promise<ModelFacts> {
    // A run keeps checkpoints in folders below its own.
    const depth = ({ webkitRelativePath }: File) => webkitRelativePath.split('/').length;
    const top = Math.min(...files.map(depth));
    const pick = (name: string) => {
      const file = files.find((candidate) => candidate.name === name && depth(candidate) === top);
      if (!file) throw new Error(`the folder holds no ${name}; it must be one that 'primal-attention train' wrote`);
      return file;
    };
    const json = pick('model.json');
    const { weightsManifest } = JSON.parse(await json.text()) as tf.io.ModelJSON;
    const weights = weightsManifest.flatMap(({ paths }) => paths.map(pick));
    return this.use(await loadLayersModel(tf.io.browserFiles([json, ...weights])));
  }

  /** What the model says of a test case, and where it looks. */
  show(index: number): ShownCase {
    if (!this.model) throw new Error('there is no model yet');
    const { channels, lengths, series } = this.test;
    const [probabilities] = pa.predict(this.model, pa.subset(this.test, [index]));
    const at = (t: number) => [...series[index].subarray(t * channels, (t + 1) * channels)];
    return {
      index,
      series: Array.from({ length: lengths[index] }, (_, t) => at(t)),
      probabilities,
      predicted: this.predicted[index],
      maps: pa.attentionMaps(this.model, this.test, [index]),
    };
  }

  /** Tests a model, once it is ready, and keeps it in place of the one before. */
  private async use(model: LayersModel, prepare?: () => Promise<void>): Promise<ModelFacts> {
    try {
      await prepare?.();
      const { form, kind, classNames, statistics } = pa.getMetadata(model);
      if (kind !== 'series') throw new Error(`the model is one for ${kind}; ${this.name} has series`);
      const known = this.raw.test.classNames;
      if (classNames.join() !== known.join()) {
        throw new Error(`the model knows the classes ${classNames.join(', ')}; ${this.name} has ${known.join(', ')}`);
      }
      const test = pa.standardize(this.raw.test, statistics);
      const { accuracy, predicted } = pa.evaluate(model, test);
      this.model?.dispose();
      this.model = model;
      this.test = test;
      this.predicted = predicted;
      const parameters = model.countParams().toLocaleString('en');
      return { description: `${form} attention, ${parameters} parameters`, accuracy, predicted };
    } catch (error) {
      model.dispose();
      throw error;
    }
  }
}
