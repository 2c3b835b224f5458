import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../../runtime/heap.js';
import { type Epilogue, epilogueOf, type FusedAttributes, type FusedInputs } from '../epilogue.js';
import { anyTypes, type OperandChecks } from '../operandChecks.js';
import { replaceKernel } from '../replaceKernel.js';

export type ConvolutionOperands = Record<'x' | 'filter', TensorInfo>;

type FusedOperands = ConvolutionOperands & FusedInputs;

/**
 * Kernels in place of one of tfjs's convolutions of images, and of its fused form.
 *
 * @param names of tfjs's kernels: the convolution's, the fused one's
 * @param filterForm the dimensions of its filter, for errors
 * @param channelsOf the channels that come of a filter of this shape
 * @param convolve gives undefined where tfjs's kernel is to convolve
 */
export function replaceConvolution<Attributes extends object>(
  names: { plain: string; fused: string },
  filterForm: string,
  channelsOf: (filterShape: readonly number[]) => number,
  convolve: (
    heap: Heap,
    operands: ConvolutionOperands,
    attributes: Attributes,
    epilogue: Epilogue,
  ) => TensorInfo | undefined,
) {
  const checkOperands = (check: OperandChecks, { x, filter }: ConvolutionOperands) => {
    check.tensor('x', x, '[B, H, W, C]', anyTypes);
    check.tensor('filter', filter, filterForm, anyTypes);
  };
  const plain = replaceKernel<ConvolutionOperands, Attributes>(
    names.plain,
    (heap, operands, attributes, check, tfjs) => {
      checkOperands(check, operands);
      return convolve(heap, operands, attributes, {}) ?? tfjs();
    },
  );
  const fused = replaceKernel<FusedOperands, Attributes & FusedAttributes>(
    names.fused,
    (heap, operands, attributes, check, tfjs) => {
      checkOperands(check, operands);
      const epilogue = epilogueOf(channelsOf(operands.filter.shape), operands, attributes);
      return (epilogue && convolve(heap, operands, attributes, epilogue)) ?? tfjs();
    },
  );
  return { plain, fused };
}
