// What the page and its worker say to each other.

import type { AttentionMap, Info, Progress } from 'primal-attention';

/** From the page. */
export type Request =
  | { type: 'start' }
  | { type: 'train'; form: string; epochs: number; width: number; threads: number }
  | { type: 'stop' }
  | { type: 'open'; files: File[] }
  | { type: 'show'; index: number };

/** What the page has to know of the data. */
export interface DataFacts {
  name: string;
  trainingCases: number;
  channels: number;
  length: number;
  classNames: string[];
  /** Classes of the test cases, as indices. */
  labels: number[];
}

/** A model that can classify. */
export interface ModelFacts {
  /** For people: 'bn+sh attention, 52,105 parameters'. */
  description: string;
  /** Of the test cases, 0 to 1. */
  accuracy: number;
  /** Most probable class of each test case. */
  predicted: number[];
}

/** A test case, seen by the model. */
export interface ShownCase {
  index: number;
  /** [positions][channels], standardised. */
  series: number[][];
  /** By class. */
  probabilities: number[];
  /** The most probable class, as an index. */
  predicted: number;
  maps: AttentionMap[];
}

/** From the worker. */
export type Reply =
  | { type: 'ready'; info: Info; data: DataFacts; forms: string[] }
  | { type: 'info'; info: Info }
  | { type: 'batch'; progress: Progress }
  | { type: 'epoch'; progress: Progress }
  | { type: 'model'; model: ModelFacts }
  | { type: 'case'; shown: ShownCase }
  | { type: 'failed'; message: string };
