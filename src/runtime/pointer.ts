import type { TensorInfo } from '@tensorflow/tfjs-core';

/** A table that is put on the heap for the time of the call: plain numbers are integers. */
export type Table = readonly number[] | Int32Array | Float32Array | Uint8Array;

/** What a field that points somewhere is given: a tensor, a table, or a number, which may be an address or a stride. */
export type Pointer = number | TensorInfo | Table;
