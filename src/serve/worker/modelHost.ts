import { loadPredictor } from '../../predict/node.js';
import type { Predictor } from '../../predict/predictor.js';
import type { Case, CaseKind, Prediction, PredictorInfo, PredictorOptions } from '../../predict/types.js';
import { countOf, type TensorSpec } from '../tensors/tensor.js';
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

const inputsOf: Record<CaseKind, (shape: readonly number[]) => TensorSpec[]> = {
  series: ([, channels]) => [
    { name: 'series', datatype: 'FP32', shape: [-1, -1, channels] },
    { name: 'lengths', datatype: 'INT32', shape: [-1] },
  ],
  images: (shape) => [{ name: 'image', datatype: 'FP32', shape: [-1, ...shape] }],
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
  const { userDefinedMetadata } = task.source.model as {
    userDefinedMetadata?: { primalAttention?: Pick<ModelDescription, 'reading'> };
  };
  return {
    name,
    version,
    predictor,
    info,
    reading: userDefinedMetadata?.primalAttention?.reading,
    inputs: inputsOf[info.kind](info.inputShape),
    outputs: outputsOf(prediction),
  };
}
