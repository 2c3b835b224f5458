// What the server and its worker threads say to each other.

import type { CaseReader } from '../../data/newCases.js';
import type { PredictorInfo } from '../../predict/types.js';
import type { ModelSource } from '../models/modelFiles.js';
import type { TensorSpec } from '../tensors/tensor.js';

/** A version of a model, to be loaded by each thread. */
export interface ModelTask {
  /** Names what was loaded, for as long as the server runs. */
  key: number;
  name: string;
  version: string;
  source: ModelSource;
  /** Cases computed at once, at most. */
  batchSize: number;
  precision: 'float32' | 'int8';
}

/** What a thread says of a model that it has loaded. */
export interface ModelDescription {
  info: PredictorInfo;
  /** How its cases are read. */
  reader: CaseReader;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
}

/** How a body is to be read: as the Open Inference Protocol has it, or as the command `predict` does. */
export type RequestForm = 'infer' | 'predict';

export interface InferenceRequest {
  form: RequestForm;
  body: Uint8Array;
  /** Its content type, without parameters; empty where there is none. */
  type: string;
  /** Bytes of JSON before the body's binary data; undefined where there is none. */
  jsonBytes?: number;
}

export interface Answer {
  status: number;
  type: string;
  body: string | Uint8Array;
  /** Bytes of JSON before the answer's binary data. */
  jsonBytes?: number;
}

export type ToWorker =
  | { kind: 'load'; task: ModelTask }
  | { kind: 'unload'; key: number }
  | { kind: 'answer'; key: number; requests: InferenceRequest[] };

export interface BatchAnswers {
  /** In the order of the requests. */
  answers: Answer[];
  /** Cases in all requests. */
  cases: number;
  /** Seconds that the model computed. */
  seconds: number;
}

export type FromWorker =
  | { kind: 'loaded'; key: number; description: ModelDescription }
  | { kind: 'refused'; key: number; error: string }
  | ({ kind: 'answered' } & BatchAnswers);
