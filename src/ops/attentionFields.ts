// What single options of attention become in the problem that its kernel reads. `call` is what else is known of the call.

import type { Tensor } from '@tensorflow/tfjs-core';
import { checkTensor, formatShape } from '../checks/tensors.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions, formatValue } from '../checks/values.js';
import { Statistics, UNBOUNDED } from '../runtime/generated/bindings.js';
import type { BatchNormOptions, ConvolutionOptions } from './attentionOptions.js';
import type { QueryKeySizes } from './attentionShapes.js';
import { BlockMask } from './blockMask.js';

const owner = 'attention';

/** Positions beyond this are as good as infinite, and stay clear of integer overflow. */
export const FAR = 1 << 28;

/** `count` integers from low to high. */
export function integers(
  name: string,
  values: unknown,
  count: number,
  per: string,
  low: number,
  high: number,
): number[] {
  if (!Array.isArray(values) || values.length !== count) {
    throw new Error(
      `${owner}: ${name} was ${formatValue(values)}; it must be an array of ${count} integers, one per ${per}`,
    );
  }
  return values.map((value, index) => checkInteger(owner, `${name}[${index}]`, value, low, high));
}

/** @returns the mask, which the kernel reads as it is */
export function checkMask(
  mask: Tensor | undefined,
  { batch, heads, queries, keys }: QueryKeySizes,
): Tensor | undefined {
  if (mask === undefined) return undefined;
  checkTensor(owner, 'mask', mask, ['bool', 'float32']);
  const shape = [batch, heads, queries, keys];
  const fits = mask.rank <= 4 && mask.shape.every((size, index) => size === 1 || size === shape[4 - mask.rank + index]);
  if (fits) return mask;
  throw new Error(`${owner}: mask was ${formatShape(mask)}; it must be broadcastable to [${shape.join(', ')}]`);
}

/** The table of blocks. */
export function blockFields(blockMask: unknown, { heads, queries, keys }: QueryKeySizes) {
  if (blockMask === undefined) return { blockSize: 0, blockRows: 0, blockColumns: 0, blockHead: 0 };
  if (!(blockMask instanceof BlockMask)) {
    throw new Error(`${owner}: blockMask was ${formatValue(blockMask)}; it must come from pa.blockMask(...)`);
  }
  const { heads: own, queries: rows, keys: columns } = blockMask;
  if (rows !== queries || columns !== keys || (own !== 1 && own !== heads)) {
    throw new Error(
      `${owner}: blockMask was made for ${own} heads, ${rows} queries and ${columns} keys; ` +
        `it must be for 1 or ${heads} heads, ${queries} queries and ${keys} keys`,
    );
  }
  return {
    ...{ blocks: blockMask.table, bitmaps: blockMask.bitmaps, blockSize: blockMask.blockSize },
    ...{ blockRows: blockMask.rows, blockColumns: blockMask.columns },
    blockHead: own > 1 ? blockMask.rows * blockMask.columns : 0,
  };
}

/** The limits of a window: UNBOUNDED where there is none. */
export function windowFields(window: unknown = [-1, -1]): { left: number; right: number } {
  if (!Array.isArray(window) || window.length !== 2) {
    throw new Error(`${owner}: window was ${formatValue(window)}; it must be [left, right]`);
  }
  const [left, right] = (window as unknown[]).map((side, index) => {
    const size = checkInteger(owner, `window[${index}]`, side, -1, Infinity);
    return size === -1 || size > FAR ? UNBOUNDED : size;
  });
  return { left, right };
}

/** Slopes of ALiBi, one a head. */
export function slopesOf(option: unknown, heads: number): Float32Array | undefined {
  if (option === undefined || option === false) return undefined;
  if (option === true) return Float32Array.from({ length: heads }, (_, h) => 2 ** ((-8 * (h + 1)) / heads));
  if (!Array.isArray(option) || option.length !== heads) {
    throw new Error(
      `${owner}: alibiSlopes was ${formatValue(option)}; it must be true, false or ${heads} numbers, one per head`,
    );
  }
  option.forEach((slope, h) => checkNumber(owner, `alibiSlopes[${h}]`, slope, () => true, 'a finite float32'));
  return Float32Array.from(option as number[]);
}

/** Attention-BN: a beta that is a tensor is an input of the kernel. */
export function batchNormFields(option: unknown) {
  if (option === undefined || option === false) return { batchNorm: Statistics.NONE, beta: 0, epsilon: 0 };
  const given = option === true ? {} : option;
  if (typeof given !== 'object' || given === null) {
    throw new Error(`${owner}: batchNorm was ${formatValue(option)}; it must be true, false or an object`);
  }
  checkOptions(`${owner}: batchNorm`, given, ['beta', 'variance', 'epsilon'] satisfies (keyof BatchNormOptions)[]);
  const { beta = 1, variance = true, epsilon = 1e-5 } = given as BatchNormOptions;
  checkBoolean(owner, 'batchNorm.variance', variance);
  checkNumber(owner, 'batchNorm.epsilon', epsilon, (x) => x >= 0, '0 or more');
  const batchNorm = variance ? Statistics.MEAN_AND_VARIANCE : Statistics.MEAN;
  if (typeof beta !== 'object') {
    checkNumber(owner, 'batchNorm.beta', beta, () => true, 'a finite float32 or a scalar tensor');
    return { batchNorm, beta, epsilon };
  }
  checkTensor(owner, 'batchNorm.beta', beta, ['float32']);
  if (beta.size !== 1) {
    throw new Error(`${owner}: batchNorm.beta was ${formatShape(beta)}; it must hold one number`);
  }
  return { batchNorm, beta: 0, epsilon, betaTensor: beta as Tensor };
}

/** @returns the option, for the convolution that runs before the kernel */
export function checkConvolution(
  option: ConvolutionOptions | undefined,
  { keyHeads, queries, keys, headWidth }: QueryKeySizes,
): ConvolutionOptions | undefined {
  if (option === undefined) return undefined;
  checkOptions(`${owner}: conv`, option, ['kernel', 'grid'] satisfies (keyof ConvolutionOptions)[]);
  const { kernel, grid } = option;
  checkTensor(owner, 'conv.kernel', kernel, ['float32'], grid ? '[G, D, Wh, Ww]' : '[G, D, W]');
  if (kernel.shape[0] !== keyHeads || kernel.shape[1] !== headWidth || kernel.size === 0) {
    throw new Error(
      `${owner}: conv.kernel was ${formatShape(kernel)}; its first dimensions must be [${keyHeads}, ${headWidth}], ` +
        `G and D, and none 0`,
    );
  }
  if (grid) {
    if (!Array.isArray(grid) || grid.length !== 2) {
      throw new Error(`${owner}: conv.grid was ${formatValue(grid)}; it must be [h, w]`);
    }
    const [rows, columns] = grid.map((side, index) => checkInteger(owner, `conv.grid[${index}]`, side, 1, FAR));
    if (rows * columns !== queries || rows * columns !== keys) {
      throw new Error(
        `${owner}: conv.grid was [${rows}, ${columns}]; it must have as many positions as q and k: ` +
          `${queries} and ${keys}`,
      );
    }
  }
  return { kernel, grid };
}
