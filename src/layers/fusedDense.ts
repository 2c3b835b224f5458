import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable, Shape } from '@tensorflow/tfjs-layers';
import { checkChoice, checkInteger } from '../checks/values.js';
import { linear, type LinearActivation, linearActivations } from '../ops/linear.js';
import { getInitializer, type InitializerIdentifier, serializeInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import { SequenceLayer } from './sequenceLayer.js';

/** Arguments of FusedDense. */
export interface FusedDenseArgs extends LayerArgs {
  /** Width of the output. */
  units: number;
  /** Default 'linear'. */
  activation?: LinearActivation;
  /** Default true. */
  useBias?: boolean;
  /** Default 'glorotUniform'. */
  kernelInitializer?: InitializerIdentifier;
  /** Default 'zeros'. */
  biasInitializer?: InitializerIdentifier;
}

/**
 * activation(x W + b) over the last axis, as tfjs's `layers.dense`, with bias and activation inside the product and one
 * kernel for all gradients. Input: [..., C] with a fixed C. Output: [..., units].
 */
export class FusedDense extends SequenceLayer {
  static readonly className = 'FusedDense';
  private readonly units: number;
  private readonly activation: LinearActivation;
  private readonly useBias: boolean;
  private readonly kernelInitializer: InitializerIdentifier;
  private readonly biasInitializer: InitializerIdentifier;
  private kernel!: LayerVariable;
  private bias?: LayerVariable;

  constructor(args: FusedDenseArgs) {
    super(args);
    this.units = checkInteger('FusedDense', 'units', args.units, 1, Infinity);
    this.activation = checkChoice('FusedDense', 'activation', args.activation ?? 'linear', linearActivations);
    this.useBias = args.useBias ?? true;
    this.kernelInitializer = args.kernelInitializer ?? 'glorotUniform';
    this.biasInitializer = args.biasInitializer ?? 'zeros';
  }

  override build(inputShape: Shape): void {
    const channels = inputShape[inputShape.length - 1];
    if (channels == null) {
      throw new Error(`FusedDense: the input's shape was [${inputShape.join(', ')}]; its last size must be fixed`);
    }
    this.kernel = this.addWeight('kernel', [channels, this.units], 'float32', getInitializer(this.kernelInitializer));
    if (this.useBias) {
      this.bias = this.addWeight('bias', [this.units], 'float32', getInitializer(this.biasInitializer));
    }
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [...super.computeOutputShape(inputShape).slice(0, -1), this.units];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => linear(x, this.kernel.read(), this.bias?.read(), this.activation));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: this.activation,
      useBias: this.useBias,
      kernelInitializer: serializeInitializer(this.kernelInitializer),
      biasInitializer: serializeInitializer(this.biasInitializer),
    };
  }
}

tf.serialization.registerClass(FusedDense);
