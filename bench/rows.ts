// What a benchmark row is: one piece of work, ours and, where it can, tfjs's own way to do it.

export interface Row {
  /** 'attention', 'attention gradient', 'matMul' ...: what --filter matches, with `shape`. */
  kernel: string;
  shape: string;
  /** Nominal floating-point operations of one call. */
  flops: number;
  /** Prepares both and gives the calls; they dispose what they make. `dispose` frees what was prepared. */
  prepare(): { ours: () => void; tfjs?: () => void; dispose: () => void };
}

export interface Result {
  kernel: string;
  shape: string;
  build: string;
  milliseconds: number;
  quartiles: [number, number];
  gflops: number;
  /** Share of the roofline, 0 to 1. */
  roofline: number;
  /** tfjs's own ops on the same data in the same run. */
  tfjs?: { milliseconds: number; gflops: number; ratio: number };
}
