// MomentStep: one step of Adam's descendants over all variables, with the norms of the gradients before it.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { SPAN_BYTES } from '../runtime/generated/bindings.js';
import { formatValue } from '../checks/values.js';
import type { Heap } from '../runtime/heap.js';
import { type Problem, tableOf, withProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';
import type { OperandChecks } from './operandChecks.js';

/** Tensors of one variable, all of one shape; `most` only where the step is divided by the largest mean square. */
export const momentParts = ['parameter', 'gradient', 'first', 'second', 'most'] as const;

export type MomentPart = (typeof momentParts)[number];

/** How a variable steps. */
export interface MomentRule {
  /** What decay leaves of a variable: 1 - learningRate weightDecay. */
  decay: number;
  stepSize: number;
  /** undefined: the step is not divided by the root of the mean square. */
  epsilon?: number;
}

/** How gradients are clipped: at most one of these. */
export interface GradientLimits {
  /** Gradients are scaled down to this joint norm. */
  clipNorm?: number;
  /** Each gradient is scaled down to this norm. */
  clipEach?: number;
  /** Each number of a gradient is cut to this size. */
  clipValue?: number;
}

export interface MomentStepAttributes extends GradientLimits {
  beta1: number;
  beta2: number;
  /** One for each variable. */
  rules: MomentRule[];
  /** Names of the inputs whose new values are outputs; all other inputs but gradients are changed in place. */
  fresh: string[];
}

/** The name of an input: a part of the variable of an index. */
export function momentInput(part: MomentPart, variable: number): string {
  return `${part}${variable}`;
}

/**
 * The smallest epsilon that acts: a mean of squares below 2^-120, whose root this is, counts as 0 in the kernel, and to divide
 * by less would make large steps of gradients that are almost 0.
 */
const LEAST_EPSILON = 2 ** -60;

/** The largest gradient whose square is a float32 for sure. */
const LARGEST_GRADIENT = 2 ** 63;

/** The L2 norm of each gradient: float64 sums of spans, added up in their order. */
function norms(heap: Heap, problem: Problem<'MomentProblem'>, counts: readonly number[]): number[] {
  const count = problem.countTasks('squaredNorm');
  return heap.withScratch(8 * count, (sums) => {
    problem.set('sums', sums);
    problem.run('squaredNorm');
    const parts = new Float64Array(heap.memory.buffer, sums, count);
    let begin = 0;
    return counts.map((size) => {
      const end = begin + Math.ceil((4 * size) / SPAN_BYTES);
      const sum = parts.subarray(begin, end).reduce((total, part) => total + part, 0);
      begin = end;
      return Math.sqrt(sum);
    });
  });
}

/** A gradient that is not finite, or so large that its square is not: nothing has changed. */
export class UnfitGradientError extends Error {}

/** What each gradient is multiplied by. Throws UnfitGradientError if one is not finite, or still too large. */
function factorsOf(found: readonly number[], { clipNorm, clipEach, clipValue = Infinity }: GradientLimits): number[] {
  const joint = Math.hypot(...found);
  if (!Number.isFinite(Math.fround(joint))) {
    throw new UnfitGradientError(
      `the gradients' joint norm was ${joint}; the data or the weights are not finite, or too large`,
    );
  }
  const factors = found.map((own) => {
    if (clipNorm !== undefined) return Math.min(1, clipNorm / joint);
    return clipEach === undefined ? 1 : Math.min(1, clipEach / own);
  });
  const largest = Math.max(0, ...found.map((own, i) => Math.min(clipValue, factors[i] * own)));
  if (largest <= LARGEST_GRADIENT) return factors;
  throw new UnfitGradientError(
    `the norm of a gradient was ${largest}; it must be at most ${LARGEST_GRADIENT}, since its square has to be finite: ` +
      'clip the gradients, or make the loss smaller',
  );
}

/** A limit that may be Infinity, which limits nothing. */
function checkLimit(check: OperandChecks, name: string, limit: unknown): void {
  if (limit !== undefined && limit !== Infinity) check.number(name, limit, 0);
}

function checkCall(
  check: OperandChecks,
  inputs: Readonly<Record<string, TensorInfo>>,
  { fresh, beta1, beta2, rules, clipNorm, clipEach, clipValue }: MomentStepAttributes,
): void {
  if (!Array.isArray(rules)) check.refuse('rules', formatValue(rules), 'an array of one for each variable');
  const changed = new Set<string>();
  (rules as readonly (Partial<MomentRule> | undefined)[]).forEach((rule, variable) => {
    const shape = check.tensor(momentInput('parameter', variable), inputs[momentInput('parameter', variable)]);
    for (const part of momentParts) {
      const name = momentInput(part, variable);
      if (part === 'most' && inputs[name] === undefined) continue;
      check.shaped(name, inputs[name], shape);
      if (part !== 'gradient') changed.add(name);
    }
    const { decay, stepSize, epsilon } = rule ?? {};
    check.number(`rules[${variable}].decay`, decay);
    check.number(`rules[${variable}].stepSize`, stepSize);
    if (epsilon !== undefined) check.number(`rules[${variable}].epsilon`, epsilon, 0);
  });
  const isNew = (name: string, at: number) => changed.has(name) && fresh.indexOf(name) === at;
  if (!Array.isArray(fresh) || !fresh.every(isNew)) {
    check.refuse(
      'fresh',
      formatValue(fresh),
      `an array of names of inputs, each once, such as ${momentInput('first', 0)}`,
    );
  }
  check.number('beta1', beta1);
  check.number('beta2', beta2);
  for (const [name, limit] of Object.entries({ clipNorm, clipEach, clipValue })) checkLimit(check, name, limit);
}

/**
 * Inputs as momentInput names them, float32; outputs: the new values of the inputs in `fresh`. Throws Error if a gradient is
 * not finite or too large, before anything changes.
 */
export const momentStepKernel = defineKernel<Record<string, TensorInfo>, MomentStepAttributes>(
  'MomentStep',
  (heap, inputs, attributes, check) => {
    checkCall(check, inputs, attributes);
    const { fresh, beta1, beta2, rules, ...limits } = attributes;
    return heap.computeOutputs(
      fresh.map((name) => inputs[name]),
      (outputs) => {
        const newOnes = new Map(fresh.map((name, index) => [name, outputs[index]]));
        const slots = rules.map(({ decay, stepSize, epsilon }, variable) => {
          const old = (part: MomentPart) => inputs[momentInput(part, variable)];
          const newOf = (part: MomentPart) => newOnes.get(momentInput(part, variable)) ?? old(part);
          return {
            ...{ parameter: old('parameter'), gradient: old('gradient') },
            ...{ first: old('first'), second: old('second'), most: old('most') },
            ...{ newParameter: newOf('parameter'), newFirst: newOf('first') },
            ...{ newSecond: newOf('second'), newMost: newOf('most') },
            ...{ count: util.sizeFromShape(old('parameter').shape), factor: 1, decay, stepSize },
            ...{ epsilon: Math.max(epsilon ?? 0, LEAST_EPSILON), adaptive: Number(epsilon !== undefined) },
          };
        });
        const step = (use: (problem: Problem<'MomentProblem'>) => number[]) => {
          const values = {
            ...{
              slots: tableOf(heap, 'MomentSlot', slots),
              count: slots.length,
              largest: limits.clipValue ?? Infinity,
            },
            ...{ beta1, beta2, oneMinusBeta1: 1 - beta1, oneMinusBeta2: 1 - beta2 },
          };
          return withProblem(heap, 'MomentProblem', values, use);
        };
        const counts = slots.map(({ count }) => count);
        const factors = factorsOf(
          step((problem) => norms(heap, problem, counts)),
          limits,
        );
        slots.forEach((slot, i) => (slot.factor = factors[i]));
        step((problem) => {
          problem.run('momentStep');
          return factors;
        });
      },
    );
  },
);
