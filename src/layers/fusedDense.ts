import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable, Shape } from '@tensorflow/tfjs-layers';
import { boolean, integer, oneOf } from '../checks/rules.js';
import { linear, type LinearActivation, linearActivations } from '../ops/linear.js';
import type { Call } from './checkedLayer.js';
import { formatSizes } from './layerInputs.js';
import { type ArgumentTable, maybe, optional, required, type WeightArgs, weightArguments } from './layerArguments.js';
import type { LayerArgs } from './layerArgs.js';
import { countForms, SequenceLayer } from './sequenceLayer.js';

/** Arguments of FusedDense; those of its weights as `WeightArgs` has them: kernelInitializer 'glorotUniform', bias 'zeros'. */
export interface FusedDenseArgs extends LayerArgs, WeightArgs<'kernel'>, WeightArgs<'bias'> {
  /** Width of the output. */
  units: number;
  /** Default 'linear'. */
  activation?: LinearActivation;
  /** Default true. */
  useBias?: boolean;
  /** Width of the input, C, if nothing else says it: where the layer is the first of a model. */
  inputDim?: number;
}

const argumentTable = {
  units: required<number>(integer(1)),
  activation: optional<LinearActivation>(oneOf(linearActivations), 'linear'),
  useBias: optional<boolean>(boolean, true),
  inputDim: maybe<number>(integer(1)),
  ...weightArguments('kernel', 'glorotUniform'),
  ...weightArguments('bias', 'zeros'),
} satisfies ArgumentTable<FusedDenseArgs>;

/**
 * activation(x W + b) over the last axis, as tfjs's `layers.dense`, with bias and activation inside the product and one
 * kernel for all gradients. Input: [..., C] with a fixed C. Output: [..., units].
 */
export class FusedDense extends SequenceLayer<typeof argumentTable> {
  static readonly className = 'FusedDense';
  private kernel!: LayerVariable;
  private bias?: LayerVariable;

  constructor(args: FusedDenseArgs) {
    super(args, argumentTable);
    const { inputDim } = this.settings;
    if (inputDim !== null) this.startWith([null, inputDim]);
  }

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'x', form: '[..., C]', dtypes: ['float32'] }]);
  }

  protected override checkSizes([x]: readonly Shape[]): void {
    const channels = x[x.length - 1];
    const { inputDim } = this.settings;
    if (channels === null || channels < 1) {
      throw new Error(`${this.owner}: x was ${formatSizes(x)}; its last size must be fixed, 1 or more`);
    }
    if (inputDim !== null && channels !== inputDim) {
      throw new Error(`${this.owner}: x was ${formatSizes(x)}; its last size must be inputDim, ${inputDim}`);
    }
    this.checkWidth('x', x);
  }

  protected override addWeights([x]: Shape[]): void {
    const { units, useBias } = this.settings;
    this.kernel = this.addWeightOf('kernel', 'kernel', [x[x.length - 1], units]);
    this.bias = useBias ? this.addWeightOf('bias', 'bias', [units]) : undefined;
  }

  protected override shapeOfOutput([x]: Shape[]): Shape {
    return [...x.slice(0, -1), this.settings.units];
  }

  protected override compute([x]: tf.Tensor[], { masks }: Call): tf.Tensor {
    return linear(this.clear(x, masks[0]), this.kernel.read(), this.bias?.read(), this.settings.activation);
  }
}
