import { quotedJson } from '../../checks/quoted.js';
import { badRequest } from '../requestError.js';
import { type Datatype, placeOf, type TensorValues } from './tensor.js';

/** What the elements of a type must be. */
interface ElementRule {
  must: string;
  test: (value: unknown) => boolean;
  /** A tensor's values, to be filled in. */
  make: (count: number) => TensorValues;
}

export const elementRules: Readonly<Record<Datatype, ElementRule>> = {
  FP32: {
    must: 'a finite float32',
    test: (value) => typeof value === 'number' && Number.isFinite(Math.fround(value)),
    make: (count) => new Float32Array(count),
  },
  INT32: {
    must: 'a 32-bit integer',
    test: (value) => typeof value === 'number' && (value | 0) === value,
    make: (count) => new Int32Array(count),
  },
  BYTES: {
    must: 'a string',
    test: (value) => typeof value === 'string',
    make: (count) => new Array<string>(count),
  },
};

/** An element that its type cannot have. */
export function wrongElement(input: string, at: number, shape: readonly number[], value: unknown, must: string): Error {
  const found = typeof value === 'number' ? `${value}` : quotedJson(value);
  return badRequest(`input '${input}' at ${placeOf(at, shape)} (counted from 0) was ${found}; it must be ${must}`);
}
