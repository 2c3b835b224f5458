import type { Prediction } from '../../predict/types.js';
import { writeBinaryTensor } from '../tensors/binaryTensor.js';
import { countOf, type TensorSpec, type TensorValues } from '../tensors/tensor.js';
import type { Answer } from './messages.js';
import type { HostedModel } from './modelHost.js';

/** An output that a request asks for. */
export interface RequestedOutput {
  spec: TensorSpec;
  /** Behind the JSON, not in it. */
  binary: boolean;
}

/** The values of an output of several predictions, row by row. */
function gather({ name, datatype, shape }: TensorSpec, predictions: readonly Prediction[]): TensorValues {
  const parts = predictions.map((prediction) => (prediction as unknown as Record<string, unknown>)[name]);
  if (datatype === 'BYTES') return parts.flat(Infinity) as string[];
  const size = countOf(shape.slice(1));
  const values = new Float32Array(predictions.length * size);
  parts.forEach((part, index) => {
    const numbers = typeof part === 'number' ? [part] : Array.isArray(part) ? (part.flat(Infinity) as number[]) : part;
    values.set(numbers as ArrayLike<number>, index * size);
  });
  return values;
}

/** The protocol's answer: JSON, behind which outputs in binary form stand. */
export function answerTensors(
  { name, version }: HostedModel,
  id: string | undefined,
  requested: readonly RequestedOutput[],
  predictions: readonly Prediction[],
): Answer {
  const binary: Uint8Array[] = [];
  const outputs = requested.map(({ spec, binary: isBinary }) => {
    const values = gather(spec, predictions);
    const tensor = { name: spec.name, datatype: spec.datatype, shape: [predictions.length, ...spec.shape.slice(1)] };
    if (!isBinary) return { ...tensor, data: ArrayBuffer.isView(values) ? Array.from(values) : values };
    const bytes = writeBinaryTensor(values);
    binary.push(bytes);
    return { ...tensor, parameters: { binary_data_size: bytes.length } };
  });
  const json = JSON.stringify({ model_name: name, model_version: version, id, outputs });
  if (binary.length === 0) return { status: 200, type: 'application/json', body: json };
  const head = Buffer.from(json);
  return {
    status: 200,
    type: 'application/octet-stream',
    body: Buffer.concat([head, ...binary]),
    jsonBytes: head.length,
  };
}
