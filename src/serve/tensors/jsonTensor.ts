import { badRequest } from '../requestError.js';
import { elementRules, wrongElement } from './elements.js';
import { countOf, type Datatype, type TensorValues } from './tensor.js';

/**
 * The values of a tensor that a JSON request holds, flat or nested as its shape.
 *
 * @param input its name, for errors
 * @param data what the request has
 * @throws RequestError that names input and index of what is wrong
 */
export function jsonTensor(input: string, datatype: Datatype, shape: readonly number[], data: unknown): TensorValues {
  const { must, test, make } = elementRules[datatype];
  const count = countOf(shape);
  if (!Array.isArray(data)) throw badRequest(`input '${input}': data must be a list`);
  const isNested = shape.length > 1 && Array.isArray(data[0]);
  if (!isNested && data.length !== count) {
    throw badRequest(`input '${input}': data had ${data.length} elements; shape [${shape.join(', ')}] has ${count}`);
  }
  if (isNested) checkNesting(input, data, shape);
  const values = make(count);
  let at = 0;
  const fill = (list: readonly unknown[], axes: number): void => {
    for (const value of list) {
      if (axes > 1) fill(value as unknown[], axes - 1);
      else if (test(value)) values[at++] = value as number & string;
      else throw wrongElement(input, at, shape, value, must);
    }
  };
  fill(data, isNested ? shape.length : 1);
  return values;
}

/** Lists within lists, each as long as its axis: nothing is allocated for a shape that the data does not have. */
function checkNesting(input: string, data: unknown, shape: readonly number[], place: readonly number[] = []): void {
  const size = shape[place.length];
  if (!Array.isArray(data) || data.length !== size) {
    const where = place.length > 0 ? ` at [${place.join(', ')}] (counted from 0)` : '';
    const found = Array.isArray(data) ? `a list of ${data.length}` : 'no list';
    throw badRequest(
      `input '${input}': data${where} was ${found}; shape [${shape.join(', ')}] needs a list of ${size}`,
    );
  }
  if (place.length + 1 === shape.length) return;
  for (let index = 0; index < size; index++) checkNesting(input, data[index], shape, [...place, index]);
}
