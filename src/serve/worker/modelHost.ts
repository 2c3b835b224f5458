import type { CaseReader } from '../../data/newCases.js';
import { keptMetadata } from '../../predict/makePredictor.js';
import { loadPredictor } from '../../predict/node.js';
import type { Predictor } from '../../predict/predictor.js';
import type { Case, CaseKind, Prediction, PredictorInfo, PredictorOptions } from '../../predict/types.js';
import { countOf, type TensorSpec } from '../tensors/tensor.js';
import type { ModelSource } from '../models/modelFiles.js';
import type { ModelDescription, ModelTask } from './messages.js';

/** A model as a thread holds it. */
export interface HostedModel extends ModelDescription {
  name: string;
  version: string;
  predictor: Predictor;
}

/** A case of nothing: it warms the model up, and shows what a prediction consists of. */
const emptyCases: Record<CaseKind, (info: PredictorInfo) => Case> = {
  series: ({ inputShape }) => new Float32Array(countOf(inputShape)),
  images: ({ inputShape }) => new Float32Array(countOf(inputShape)),
  tokens: () => [0],
};

const inputsOf: Record<CaseKind, (info: PredictorInfo) => TensorSpec[]> = {
  series: ({ task, inputShape: [length, channels] }) =>
    task === 'forecasting'
      ? [{ name: 'series', datatype: 'FP32', shape: [-1, length, channels] }]
      : [
          { name: 'series', datatype: 'FP32', shape: [-1, -1, channels] },
          { name: 'lengths', datatype: 'INT32', shape: [-1] },
        ],
  images: ({ inputShape }) => [{ name: 'image', datatype: 'FP32', shape: [-1, ...inputShape] }],
  tokens: () => [{ name: 'text', datatype: 'BYTES', shape: [-1] }],
};

/** Sizes of a value of a prediction: none of a number or a name. */
function sizesOf(value: unknown): number[] {
  if (ArrayBuffer.isView(value)) return [(value as Float32Array).length];
  return Array.isArray(value) ? [value.length, ...sizesOf(value[0])] : [];
}

const isText = (value: unknown): boolean => typeof value === 'string' || (Array.isArray(value) && isText(value[0]));

/** The outputs are what a prediction has: a classifier's label and probabilities, or whatever its task gives. */
function outputsOf(prediction: Prediction): TensorSpec[] {
  return Object.entries(prediction).map(([name, value]) => ({
    name,
    datatype: isText(value) ? 'BYTES' : 'FP32',
    shape: [-1, ...sizesOf(value)],
  }));
}

/** How a model's cases are read: as what it keeps of its training says, and for one that keeps nothing, as it takes them. */
function readerOf({ model }: ModelSource, { kind, classNames, inputShape }: PredictorInfo): CaseReader {
  const { vocabulary, channelNames, reading, forecast } = keptMetadata(model);
  const channels = kind === 'tokens' ? null : inputShape.at(-1)!;
  const length = kind === 'images' ? undefined : inputShape[0];
  return { kind, classNames, vocabulary, channelNames, reading, forecast, channels, length };
}

/**
 * Loads a model, and predicts once.
 *
 * @throws Error that says why it cannot be served
 */
export async function hostModel(task: ModelTask): Promise<HostedModel> {
  const options: PredictorOptions = { batchSize: task.batchSize, precision: task.precision };
  const predictor = await loadPredictor(task.source, options);
  const { info } = predictor;
  const [prediction] = predictor.predict([emptyCases[info.kind](info)]);
  const { name, version } = task;
  return {
    name,
    version,
    predictor,
    info,
    reader: readerOf(task.source, info),
    inputs: inputsOf[info.kind](info),
    outputs: outputsOf(prediction),
  };
}
