import type { ModelSource } from '../models/modelFiles.js';
import type { InferenceRequest, ModelDescription } from '../worker/messages.js';

/** A question for the attention map of a case. */
export interface MapRequest extends Pick<InferenceRequest, 'body' | 'type'> {
  /** Of the model: see ModelTask. */
  key: number;
  description: ModelDescription;
  /** Where the thread does not hold the model yet. */
  source?: ModelSource;
  /** The case among those of the body, from 0. */
  index: number;
}

/** A case and where a model attends in it. */
export interface CaseMap {
  kind: string;
  /** Of `values`: [positions, channels], [height, width, channels] or [positions]. */
  shape: number[];
  /** As they were given: numbers, null where one is missing, or names of tokens. */
  values: (number | string | null)[];
  /** A picture of the weights of each head. */
  svg: string;
}

export type MapAnswer = { map: CaseMap } | { status: number; error: string };
