// Requests for inference as the Open Inference Protocol has them.

import { meantName } from '../../checks/meantName.js';
import { listed, quoted, quotedJson } from '../../checks/quoted.js';
import type { Case, CaseKind, Prediction, PredictorInfo } from '../../predict/types.js';
import { badRequest } from '../requestError.js';
import { readBinaryTensor } from '../tensors/binaryTensor.js';
import { jsonTensor } from '../tensors/jsonTensor.js';
import { countOf, type Tensor, type TensorSpec } from '../tensors/tensor.js';
import { answerTensors, type RequestedOutput } from './inferAnswer.js';
import type { InferenceRequest } from './messages.js';
import type { HostedModel } from './modelHost.js';
import { parseBody, type ParsedRequest } from './parsedRequest.js';

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object that has none but these fields. */
function objectOf(value: unknown, what: string, names: readonly string[]): Fields {
  if (!isObject(value)) throw badRequest(`${what} was ${quotedJson(value ?? null)}; it must be an object`);
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown === undefined) return value;
  const meant = meantName(unknown, names);
  throw badRequest(`${what} had the field ${quotedJson(unknown)}; its fields are ${names.join(', ')}.${meant}`);
}

/** The parameters of an object, of which the protocol lets clients send more than are known. */
function parametersOf({ parameters = {} }: Fields, what: string): Fields {
  if (isObject(parameters)) return parameters;
  throw badRequest(`${what}: parameters was ${quotedJson(parameters)}; it must be an object`);
}

/** A parameter that is true or false; undefined where it is not given. */
function flagIn(fields: Fields, what: string, name: string): boolean | undefined {
  const value = parametersOf(fields, what)[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw badRequest(`${what}: ${name} was ${quotedJson(value)}; it must be true or false`);
}

function listIn(fields: Fields, name: string): unknown[] {
  const value = fields[name];
  if (Array.isArray(value) && value.length > 0) return value;
  throw badRequest(`${name} was ${quotedJson(value ?? null)}; it must be a list that is not empty`);
}

/** The entry of a list of specs that a request names, which it may do once. */
function specOf(fields: Fields, what: string, specs: readonly TensorSpec[], used: ReadonlySet<string>): TensorSpec {
  const spec = specs.find(({ name }) => name === fields.name);
  if (!spec) {
    const known = listed(specs.map(({ name }) => `'${name}'`));
    throw badRequest(`${what} was named ${quotedJson(fields.name ?? null)}; the model has ${known}`);
  }
  if (used.has(spec.name)) throw badRequest(`${what} was named '${spec.name}', as one before; each may come once`);
  return spec;
}

function shapeOf(fields: Fields, { name, shape: must }: TensorSpec): number[] {
  const { shape } = fields;
  const fits =
    Array.isArray(shape) &&
    shape.length === must.length &&
    shape.every(
      (size: unknown, axis) =>
        Number.isSafeInteger(size) && (must[axis] === -1 ? (size as number) >= 1 : size === must[axis]),
    );
  if (fits) return shape as number[];
  throw badRequest(
    `input '${name}': shape was ${quotedJson(shape ?? null)}; it must be [${must.join(', ')}], where -1 is 1 or more`,
  );
}

/** Reads the inputs of a request, in JSON or behind it. */
class InputReader {
  private at = 0;

  constructor(
    private readonly binary: Uint8Array,
    private readonly bodyBytes: number,
  ) {}

  read(fields: Fields, spec: TensorSpec): Tensor {
    const { name } = spec;
    if (fields.datatype !== spec.datatype) {
      throw badRequest(
        `input '${name}': datatype was ${quotedJson(fields.datatype ?? null)}; it must be ${spec.datatype}`,
      );
    }
    const shape = shapeOf(fields, spec);
    // Any element takes a byte: larger tensors are nowhere in the body, and no memory is taken for them.
    if (countOf(shape) > this.bodyBytes) {
      throw badRequest(`input '${name}': shape was [${shape.join(', ')}], which has more elements than the body bytes`);
    }
    const { binary_data_size: size } = parametersOf(fields, `input '${name}'`);
    if (size === undefined) return { shape, values: jsonTensor(name, spec.datatype, shape, fields.data) };
    if (fields.data !== undefined) throw badRequest(`input '${name}' had data and binary_data_size; it may have one`);
    return { shape, values: readBinaryTensor(name, spec.datatype, shape, this.take(name, size)) };
  }

  private take(name: string, size: unknown): Uint8Array {
    const left = this.binary.length - this.at;
    if (!Number.isSafeInteger(size) || (size as number) < 0 || (size as number) > left) {
      throw badRequest(
        `input '${name}': binary_data_size was ${quotedJson(size)}; ${left} bytes are left behind the JSON`,
      );
    }
    return this.binary.subarray(this.at, (this.at += size as number));
  }

  /** @throws RequestError if there are bytes that no input has taken */
  end(): void {
    const left = this.binary.length - this.at;
    if (left > 0) throw badRequest(`${left} bytes behind the JSON belong to no input; binary_data_size must say whose`);
  }
}

/** Valid positions of each series. */
function lengthsOf(tensors: ReadonlyMap<string, Tensor>, cases: number, positions: number): ArrayLike<number> {
  const lengths = tensors.get('lengths')?.values as Int32Array | undefined;
  if (!lengths) return new Int32Array(cases).fill(positions);
  if (lengths.length !== cases) {
    throw badRequest(`input 'lengths' had ${lengths.length} elements; it must have ${cases}, as many as 'series'`);
  }
  const wrong = lengths.findIndex((length) => length < 1 || length > positions);
  if (wrong < 0) return lengths;
  throw badRequest(
    `input 'lengths' at [${wrong}] (counted from 0) was ${lengths[wrong]}; it must be 1 to ${positions}, the positions of 'series'`,
  );
}

const casesOf: Record<CaseKind, (tensors: ReadonlyMap<string, Tensor>, info: PredictorInfo) => Case[]> = {
  series(tensors, { inputShape: [longest], resampled }) {
    const { shape, values } = tensors.get('series')!;
    const [cases, positions, channels] = shape;
    const lengths = lengthsOf(tensors, cases, positions);
    for (let i = 0; i < cases; i++) {
      if (lengths[i] > longest && !resampled) {
        throw badRequest(
          `input 'series' had ${lengths[i]} positions in case ${i + 1}; the model takes up to ${longest}`,
        );
      }
    }
    const size = positions * channels;
    return Array.from({ length: cases }, (_, i) =>
      (values as Float32Array).subarray(i * size, i * size + lengths[i] * channels),
    );
  },
  images(tensors) {
    const { shape, values } = tensors.get('image')!;
    const [cases, ...sizes] = shape;
    const size = countOf(sizes);
    return Array.from({ length: cases }, (_, i) => (values as Float32Array).subarray(i * size, (i + 1) * size));
  },
  tokens: (tensors) => tensors.get('text')!.values as string[],
};

/** Outputs that the request asks for, each with whether it wants it in binary form; all where it asks for none. */
function outputsOf(request: Fields, { outputs }: HostedModel): RequestedOutput[] {
  const byDefault = flagIn(request, 'the body', 'binary_data_output') ?? false;
  if (request.outputs === undefined) return outputs.map((spec) => ({ spec, binary: byDefault }));
  const used = new Set<string>();
  return listIn(request, 'outputs').map((one, index) => {
    const fields = objectOf(one, `outputs[${index}]`, ['name', 'parameters']);
    const spec = specOf(fields, `outputs[${index}]`, outputs, used);
    used.add(spec.name);
    return { spec, binary: flagIn(fields, `output '${spec.name}'`, 'binary_data') ?? byDefault };
  });
}

/**
 * @param request its body is the protocol's JSON, behind which inputs in binary form may stand
 * @throws RequestError that names what is wrong
 */
export function parseInferRequest({ body, jsonBytes }: InferenceRequest, model: HostedModel): ParsedRequest {
  const end = jsonBytes ?? body.length;
  if (end > body.length) {
    throw badRequest(`Inference-Header-Content-Length was ${end}; the body had ${body.length} bytes`);
  }
  const names = ['id', 'inputs', 'outputs', 'parameters'];
  const request = objectOf(parseBody(body.subarray(0, end)), 'the body', names);
  const { id } = request;
  if (id !== undefined && typeof id !== 'string') throw badRequest(`id was ${quotedJson(id)}; it must be a string`);
  const reader = new InputReader(body.subarray(end), body.length);
  const tensors = new Map<string, Tensor>();
  listIn(request, 'inputs').forEach((one, index) => {
    const fields = objectOf(one, `inputs[${index}]`, ['name', 'datatype', 'shape', 'data', 'parameters']);
    const spec = specOf(fields, `inputs[${index}]`, model.inputs, new Set(tensors.keys()));
    tensors.set(spec.name, reader.read(fields, spec));
  });
  reader.end();
  const [{ name: first }] = model.inputs;
  if (!tensors.has(first)) throw badRequest(`inputs had no ${quoted(first)}; the model needs it`);
  const outputs = outputsOf(request, model);
  return {
    cases: casesOf[model.info.kind](tensors, model.info),
    answer: (predictions: readonly Prediction[]) => answerTensors(model, id, outputs, predictions),
  };
}
