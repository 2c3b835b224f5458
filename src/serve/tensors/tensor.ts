/** Types of tensors that models of the package have, by the names of the Open Inference Protocol. */
export type Datatype = 'FP32' | 'INT32' | 'BYTES';

/** What the model's metadata says of an input or output. */
export interface TensorSpec {
  name: string;
  datatype: Datatype;
  /** -1 where a size is free; the first is the number of cases. */
  shape: number[];
}

export type TensorValues = Float32Array | Int32Array | string[];

/** An input or output of a request. */
export interface Tensor {
  shape: number[];
  /** Row by row. */
  values: TensorValues;
}

/** Elements of a tensor of a shape. */
export const countOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Where the element at a flat index is, for messages. */
export function placeOf(at: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = at;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return `[${place.join(', ')}]`;
}
