// The kernel binaries: compiled once, instantiated once for each heap and build.

import { binaries } from './generated/binaries.js';
import { Heap } from './backend.js';

/** The kernel builds: one source, differently compiled. */
export type Build = keyof typeof binaries;

/** The entry points of assembly/index.ts: addresses and integers in. */
export interface Kernels {
  attentionFrameBytes: () => number;
  attentionForwardScratch: (problem: number) => number;
  attentionForward: (problem: number) => void;
  attentionBackwardScratch: (problem: number) => number;
  attentionBackward: (problem: number) => void;
  averagePositions: (
    out: number,
    x: number,
    lengths: number,
    batch: number,
    positions: number,
    window: number,
    width: number,
  ) => void;
  averagePositionsBackward: (
    dX: number,
    dOut: number,
    lengths: number,
    batch: number,
    positions: number,
    window: number,
    width: number,
  ) => void;
  convolutionScratch: (depth: number, taps: number) => number;
  convolve: (
    y: number,
    x: number,
    kernel: number,
    lengths: number,
    batch: number,
    heads: number,
    groups: number,
    rows: number,
    columns: number,
    depth: number,
    kernelRows: number,
    kernelColumns: number,
    scratch: number,
  ) => void;
  convolveBackward: (
    dX: number,
    dKernel: number,
    x: number,
    kernel: number,
    dY: number,
    lengths: number,
    batch: number,
    heads: number,
    groups: number,
    rows: number,
    columns: number,
    depth: number,
    kernelRows: number,
    kernelColumns: number,
    scratch: number,
  ) => void;
  geluScratch: () => number;
  gelu: (y: number, x: number, count: number, approximate: number, scratch: number) => void;
  geluBackward: (dX: number, x: number, dY: number, count: number, approximate: number, scratch: number) => void;
  productScratch: (problem: number) => number;
  product: (problem: number) => void;
  productInt32: (problem: number) => void;
  segmentSum: (out: number, x: number, segments: number, rows: number, count: number, width: number) => void;
}

const modules = new Map<Build, WebAssembly.Module>();
const instances = new WeakMap<WebAssembly.Memory, Map<Build, Kernels>>();

let active: Build | undefined;

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Compiles `build` and makes it the one that `kernelsOn` gives. */
export async function activateBuild(build: Build): Promise<void> {
  if (!modules.has(build)) modules.set(build, await WebAssembly.compile(decode(binaries[build])));
  active = build;
}

/** The active build, if `activateBuild` has run. */
export function activeBuild(): Build | undefined {
  return active;
}

/** The kernels of the active build over a heap; a new heap gets an instance of its own at its first call. */
export function kernelsOn(heap: Heap): Kernels {
  const module = active && modules.get(active);
  if (!active || !module) throw new Error('the kernels are not ready: await init() first');
  const { memory } = heap;
  let byBuild = instances.get(memory);
  if (!byBuild) instances.set(memory, (byBuild = new Map<Build, Kernels>()));
  let kernels = byBuild.get(active);
  if (!kernels) {
    kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
    byBuild.set(active, kernels);
  }
  return kernels;
}
