// What a row of kernels is: one piece of work, and the same or comparable work done in another way.

/** A row's calls on prepared data; they dispose what they make. */
export interface Prepared {
  /** Floating-point operations of one call's own arithmetic; of a row that is bound by arithmetic. */
  flops?: number;
  /** Bytes that one call must read and write; of a row that is bound by memory. */
  bytes?: number;
  /** Of a pattern of blocks, 0 to 1. */
  density?: number;
  ours: () => void;
  /** Our plain softmax attention of the same shape. */
  softmax?: () => void;
  /** tfjs's own ops for the same result. */
  tfjs?: () => void;
  dispose: () => void;
}

export type Pass = 'forward' | 'forward+backward' | 'step';

export interface Row {
  kernel: string;
  pass: Pass;
  shape: string;
  /** There is a call of tfjs's ops. */
  beside?: 'tfjs';
  prepare(): Prepared;
}

/** What --filter looks at; no two rows have the same. */
export function nameOf({ kernel, pass, shape }: Pick<Row, 'kernel' | 'pass' | 'shape'>): string {
  return `${kernel} ${pass} ${shape}`;
}

/** Milliseconds are medians of single calls. */
export interface Result {
  kernel: string;
  pass: Pass;
  shape: string;
  density?: number;
  threads: number;
  build: string;
  milliseconds: number;
  quartiles: [number, number];
  flops?: number;
  gflops?: number;
  bytes?: number;
  /** GB/s */
  gigabytes?: number;
  /** Share of the roofline, 0 to 1. */
  roofline: number;
  /** Plain softmax attention of the same shape in turn with it; `relative`: ours divided by it. */
  softmax?: { milliseconds: number; relative: number };
  /** tfjs's own ops on one thread in turn with it; `ratio`: how many times as long they take. */
  tfjs?: { milliseconds: number; ratio: number };
}
