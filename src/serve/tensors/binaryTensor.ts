// Tensors by the protocol's binary extension: little-endian, row by row, after the JSON of their request or answer.

import { badRequest } from '../requestError.js';
import { elementRules, wrongElement } from './elements.js';
import { countOf, type Datatype, type TensorValues } from './tensor.js';

/** Bytes before each string, which say its length. */
const PREFIX = 4;

/**
 * The values of a tensor in binary form.
 *
 * @param input its name, for errors
 * @param bytes exactly its own
 * @throws RequestError that names input and index of what is wrong
 */
export function readBinaryTensor(
  input: string,
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
): TensorValues {
  const count = countOf(shape);
  if (datatype === 'BYTES') return readStrings(input, shape, bytes);
  if (bytes.length !== 4 * count) {
    throw badRequest(
      `input '${input}': binary_data_size was ${bytes.length}; shape [${shape.join(', ')}] of ${datatype} has ${4 * count} bytes`,
    );
  }
  // A copy, since the first byte may be none that numbers begin at.
  const { buffer } = bytes.slice();
  const values = datatype === 'FP32' ? new Float32Array(buffer) : new Int32Array(buffer);
  const { must, test } = elementRules[datatype];
  const wrong = values.findIndex((value) => !test(value));
  if (wrong >= 0) throw wrongElement(input, wrong, shape, values[wrong], must);
  return values;
}

function readStrings(input: string, shape: readonly number[], bytes: Uint8Array): string[] {
  const count = countOf(shape);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const strings: string[] = [];
  let at = 0;
  while (strings.length < count && at + PREFIX <= bytes.length) {
    const end = at + PREFIX + view.getUint32(at, true);
    if (end > bytes.length) break;
    try {
      strings.push(decoder.decode(bytes.subarray(at + PREFIX, end)));
    } catch {
      throw badRequest(`input '${input}' at [${strings.length}] (counted from 0) was no UTF-8; it must be`);
    }
    at = end;
  }
  if (strings.length === count && at === bytes.length) return strings;
  throw badRequest(
    `input '${input}': the ${bytes.length} bytes of its binary data were not ${count} strings, each after its length`,
  );
}

/** The bytes of a tensor in binary form. */
export function writeBinaryTensor(values: TensorValues): Uint8Array {
  if (ArrayBuffer.isView(values)) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const texts = values.map((value) => Buffer.from(value));
  return Buffer.concat(
    texts.flatMap((text) => {
      const prefix = Buffer.alloc(PREFIX);
      prefix.writeUInt32LE(text.length);
      return [prefix, text];
    }),
  );
}
