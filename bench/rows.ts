// What a benchmark row is: one piece of work, and the same or comparable work done in another way.

/** A row's calls on prepared data; they dispose what they make. */
export interface Prepared {
  /** Floating-point operations of one call's own arithmetic. */
  flops: number;
  /** Of a pattern of blocks, 0 to 1. */
  density?: number;
  ours: () => void;
  /** Our plain softmax attention of the same shape. */
  softmax?: () => void;
  /** tfjs's own ops for the same result. */
  tfjs?: () => void;
  dispose: () => void;
}

export type Pass = 'forward' | 'forward+backward';

export interface Row {
  kernel: string;
  pass: Pass;
  shape: string;
  prepare(): Prepared;
}

/** Milliseconds are medians of single calls. */
export interface Result {
  kernel: string;
  pass: Pass;
  shape: string;
  density?: number;
  build: string;
  flops: number;
  milliseconds: number;
  quartiles: [number, number];
  gflops: number;
  /** Share of the roofline, 0 to 1. */
  roofline: number;
  /** Plain softmax attention of the same shape in turn with it; `relative`: ours divided by it. */
  softmax?: { milliseconds: number; relative: number };
  /** tfjs's own ops on the same data; `ratio`: how many times as long they take. */
  tfjs?: { milliseconds: number; gflops: number; ratio: number };
}
