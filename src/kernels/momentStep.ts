// MomentStep: one step of Adam's descendants over all variables, with the gradients' joint norm before it.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import { kernelsOn } from '../runtime/builds.js';
import { withFrame } from '../runtime/frame.js';
import { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';

export const MOMENT_STEP = 'MomentStep';

export interface MomentStepAttributes {
  beta1: number;
  beta2: number;
  /** What decay leaves of a variable: 1 - learningRate weightDecay. */
  decay: number;
  stepSize: number;
  /** undefined: the step is not divided by the root of the mean square. */
  epsilon?: number;
  /** Gradients are scaled down to this joint norm; undefined: the norm is not taken. */
  clipNorm?: number;
  /** Indices of the inputs whose new values are outputs; all other inputs but gradients are changed in place. */
  fresh: number[];
}

/** The fields of MomentSlot in assembly/nn/moments.ts, in its order. */
export const momentSlotLayout = {
  parameter: 'i32',
  gradient: 'i32',
  first: 'i32',
  second: 'i32',
  newParameter: 'i32',
  newFirst: 'i32',
  newSecond: 'i32',
  count: 'i32',
} as const satisfies Record<string, Field>;

/** The fields of MomentProblem in assembly/nn/moments.ts, in its order. */
export const momentLayout = {
  slots: 'i32',
  count: 'i32',
  sums: 'i32',
  factor: 'f32',
  beta1: 'f32',
  oneMinusBeta1: 'f32',
  beta2: 'f32',
  oneMinusBeta2: 'f32',
  decay: 'f32',
  stepSize: 'f32',
  epsilon: 'f32',
  adaptive: 'i32',
} as const satisfies Record<string, Field>;

/** The slots of variables whose [parameter, gradient, first, second] stand one after the other in `inputs`. */
function slotTable(heap: Heap, inputs: TensorInfo[], fresh: ReadonlyMap<number, TensorInfo>): number[] {
  const oldOnes = inputs.map((tensor) => heap.address(tensor));
  const newOnes = oldOnes.map((address, index) => (fresh.has(index) ? heap.address(fresh.get(index)!) : address));
  const table: number[] = [];
  for (let i = 0; i < inputs.length; i += 4) {
    table.push(...oldOnes.slice(i, i + 4), newOnes[i], newOnes[i + 2], newOnes[i + 3]);
    table.push(util.sizeFromShape(inputs[i].shape));
  }
  return table;
}

/** The joint L2 norm of all gradients: float64 sums of spans, added up in their order. */
function jointNorm(heap: Heap, frame: { address: number; set: (values: { sums: number }) => void }): number {
  const count = kernelsOn(heap).squaredNormTasks(frame.address);
  return heap.withScratch(8 * count, (sums) => {
    frame.set({ sums });
    runTasks(heap, 'squaredNorm', frame.address);
    return Math.sqrt(new Float64Array(heap.memory.buffer, sums, count).reduce((sum, part) => sum + part, 0));
  });
}

/**
 * Inputs [parameter, gradient, first, second] of each variable, float32 and of one shape; the outputs are the new values
 * of the inputs in `fresh`. Throws Error if the norm is taken and not finite, before anything changes.
 */
function momentStep({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const tensors = inputs as unknown as TensorInfo[];
  const { beta1, beta2, decay, stepSize, epsilon, clipNorm, fresh } = attrs as unknown as MomentStepAttributes;
  const heap = Heap.of(backend);
  return heap.computeOutputs(
    fresh.map((index) => tensors[index]),
    (outputs) => {
      const slots = slotTable(heap, tensors, new Map(fresh.map((index, i) => [index, outputs[i]])));
      const problem = {
        ...{
          count: tensors.length / 4,
          factor: 1,
          decay,
          stepSize,
          beta1,
          beta2,
          oneMinusBeta1: 1 - beta1,
          oneMinusBeta2: 1 - beta2,
        },
        ...{ epsilon: epsilon ?? 0, adaptive: Number(epsilon !== undefined) },
      };
      withFrame(heap, momentLayout, problem, { slots }, (frame) => {
        if (clipNorm !== undefined) {
          const norm = jointNorm(heap, frame);
          if (!Number.isFinite(norm)) {
            throw new Error(
              `the gradients' joint norm was ${norm}; the data or the weights are not finite, or too large`,
            );
          }
          frame.set({ factor: Math.min(1, clipNorm / norm) });
        }
        runTasks(heap, 'momentStep', frame.address);
      });
    },
  );
}

export const momentStepConfig: KernelConfig = {
  kernelName: MOMENT_STEP,
  backendName: 'wasm',
  kernelFunc: momentStep,
};
