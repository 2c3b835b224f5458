import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attentionLayout, UNBOUNDED } from '../../src/kernels/attentionProblem.js';
import { dropoutLayout } from '../../src/kernels/dropout.js';
import { addPositionsLayout } from '../../src/kernels/addPositions.js';
import { poolPositionsLayout } from '../../src/kernels/poolPositions.js';
import { maskPositionsLayout } from '../../src/kernels/maskPositions.js';
import { softmaxCrossEntropyLayout } from '../../src/kernels/softmaxCrossEntropy.js';
import { blendLayout } from '../../src/kernels/blend.js';
import { segmentsLayout } from '../../src/kernels/segments.js';
import { depthwiseConvolutionLayout } from '../../src/kernels/depthwiseConvolution.js';
import { geluLayout } from '../../src/kernels/gelu.js';
import { batchNormalizationLayout } from '../../src/kernels/batchNormalization.js';
import { layerNormalizationLayout } from '../../src/kernels/layerNormalization.js';
import { columnSumsLayout } from '../../src/kernels/columnSums.js';
import { reluLayout } from '../../src/kernels/linear.js';
import { momentLayout, momentSlotLayout } from '../../src/kernels/momentStep.js';
import { productLayout } from '../../src/kernels/product.js';

const source = (path: string) => readFileSync(new URL(`../../assembly/${path}`, import.meta.url), 'utf8');

/** Fields of an @unmanaged class, [name, 'i32' or 'f32'] in its order: addresses are 32-bit integers as well. */
function fieldsOf(path: string, name: string): [string, string][] {
  const body = new RegExp(`^export class ${name} \\{\\n(.*?)^\\}`, 'ms').exec(source(path))?.[1] ?? '';
  const code = body.replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
  const statements = code.split(';').map((statement) => statement.trim());
  return statements.filter(Boolean).map((statement) => {
    const [, field, type] = /^(\w+): (usize|i32|u32|f32)$/.exec(statement) ?? [];
    expect(field, `${name}: ${statement}`).toBeDefined();
    return [field, type === 'f32' ? 'f32' : 'i32'];
  });
}

describe('a problem is laid out as the kernels read it', () => {
  it.each([
    ['attention/problem.ts', 'AttentionProblem', attentionLayout],
    ['gemm/problem.ts', 'ProductProblem', productLayout],
    ['nn/layerNormalization.ts', 'LayerNormalizationProblem', layerNormalizationLayout],
    ['nn/batchNormalization.ts', 'BatchNormalizationProblem', batchNormalizationLayout],
    ['nn/dropout.ts', 'DropoutProblem', dropoutLayout],
    ['attention/pooling.ts', 'PoolPositionsProblem', poolPositionsLayout],
    ['nn/maskPositions.ts', 'MaskPositionsProblem', maskPositionsLayout],
    ['nn/addPositions.ts', 'AddPositionsProblem', addPositionsLayout],
    ['nn/softmaxCrossEntropy.ts', 'SoftmaxCrossEntropyProblem', softmaxCrossEntropyLayout],
    ['nn/blend.ts', 'BlendProblem', blendLayout],
    ['nn/segments.ts', 'SegmentsProblem', segmentsLayout],
    ['attention/convolution.ts', 'DepthwiseConvolutionProblem', depthwiseConvolutionLayout],
    ['nn/columnSums.ts', 'ColumnSumsProblem', columnSumsLayout],
    ['nn/relu.ts', 'ReluProblem', reluLayout],
    ['nn/gelu.ts', 'GeluProblem', geluLayout],
    ['nn/moments.ts', 'MomentSlot', momentSlotLayout],
    ['nn/moments.ts', 'MomentProblem', momentLayout],
  ])('%s, %s', (path, name, layout) => {
    expect(Object.entries(layout)).toEqual(fieldsOf(path, name));
  });

  it('with the same number for a window side without a limit', () => {
    const [, shift] = /UNBOUNDED: i32 = 1 << (\d+);/.exec(source('attention/problem.ts')) ?? [];
    expect(UNBOUNDED).toBe(2 ** Number(shift));
  });
});
