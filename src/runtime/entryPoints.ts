// The entry points of assembly/index.ts by name: pointers and integers in, numbers in memory out.

/**
 * Kernels in tasks. Each name stands for `name(frame, task, scratch)`, `nameTasks(frame)`, the number of tasks, and, where
 * a task needs scratch, `nameScratch(frame)`, its bytes. The order is the threads' numbering.
 */
export const taskNames = [
  'packRight',
  'product',
  'attentionKeys',
  'attentionForward',
  'attentionBackward',
  'attentionKeysBackward',
  'gelu',
  'geluBackward',
  'columnSums',
  'reluBackward',
  'layerNormalization',
  'layerNormalizationBackward',
  'batchNormalization',
  'batchNormalizationBackward',
  'normalizeColumns',
  'dropout',
  'poolPositions',
  'poolPositionsBackward',
  'maskPositions',
  'addPositions',
  'softmaxCrossEntropy',
  'softmaxCrossEntropyBackward',
  'blend',
  'gatherRows',
  'segmentSum',
  'depthwiseConvolution',
  'depthwiseConvolutionBackward',
  'squaredNorm',
  'momentStep',
] as const;

export type TaskName = (typeof taskNames)[number];

type Task = (frame: number, task: number, scratch: number) => void;
type Size = (frame: number) => number;

export type Kernels = Record<TaskName, Task> &
  Record<`${TaskName}Tasks`, Size> &
  Partial<Record<`${TaskName}Scratch`, Size>> & {
    /** Bytes of all of B in panels; 0: tasks pack for themselves. */
    packRightBytes: Size;
    /** Bytes that the tasks of an attention pass share. */
    attentionSharedBytes: Size;
    productInt32: (frame: number) => void;
  };
