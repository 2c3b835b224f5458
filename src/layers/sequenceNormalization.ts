import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable, Shape } from '@tensorflow/tfjs-layers';
import { atLeastZero, boolean, type Rule } from '../checks/rules.js';
import { formatValue } from '../checks/values.js';
import type { CallOptions } from './checkedLayer.js';
import { formatSizes, type InputForm } from './layerInputs.js';
import { type Argument, optional, type Settings, type WeightArgs, weightArguments } from './layerArguments.js';
import type { LayerArgs } from './layerArgs.js';
import { normalizationEpsilons } from './normalizationEpsilons.js';
import { checkLengthSizes, paddedForms, SequenceLayer } from './sequenceLayer.js';

/** Arguments that all normalisations share. */
export interface SequenceNormalizationArgs extends LayerArgs, WeightArgs<'gamma'> {
  /** Added to the mean square; each kind has its default. */
  epsilon?: number;
  /** The last axis, -1 or its number: no other is normalised over. */
  axis?: number | number[];
  /** Whether each channel has a learned factor, gamma; default true. */
  scale?: boolean;
}

/** How a normalisation is called. */
export interface SequenceNormalizationOptions extends CallOptions {
  /** Takes what is left to do once the call of a layer around it has succeeded; default: it is done at once. */
  afterwards?: (() => void)[];
}

const axisRule: Rule = {
  must: "-1 or the number of the input's last axis",
  test: (value) =>
    Number.isInteger(value) || (Array.isArray(value) && value.length === 1 && Number.isInteger(value[0])),
};

/** Entries that all normalisations share. */
export const normalizationArguments = (kind: keyof typeof normalizationEpsilons) => ({
  epsilon: optional<number>(atLeastZero, normalizationEpsilons[kind]),
  axis: optional<number | number[]>(axisRule, -1),
  scale: optional<boolean>(boolean, true),
  ...weightArguments('gamma', 'ones'),
});

/** Entries of a learned addend, beta. */
export const centerArguments = {
  center: optional<boolean>(boolean, true),
  ...weightArguments('beta', 'zeros'),
};

type Shared = ReturnType<typeof normalizationArguments>;

/** A normalisation of channels, the last axis, with a factor for each. */
export abstract class SequenceNormalization<
  Arguments extends Shared & Readonly<Record<string, Argument<never>>>,
> extends SequenceLayer<Arguments, SequenceNormalizationOptions> {
  private gamma?: LayerVariable;
  private beta?: LayerVariable;

  protected override callNames(): readonly string[] {
    return ['afterwards'];
  }

  /** x of any rank where positions do not meet; sequences where they are padded. */
  protected override inputForms(shapes: readonly Shape[]): readonly InputForm[] {
    if (shapes.length !== 1) return paddedForms(this.owner, shapes);
    return [{ name: 'x', form: '[..., C]', dtypes: ['float32'] }];
  }

  protected override checkSizes([x, lengths]: readonly Shape[]): void {
    checkLengthSizes(this.owner, x, lengths);
    const channels = x[x.length - 1];
    if (channels === null || channels < 1) {
      throw new Error(`${this.owner}: x was ${formatSizes(x)}; its channels must be fixed, 1 or more`);
    }
    const { axis } = this.shared;
    const [one] = [axis].flat();
    if (one !== -1 && one !== x.length - 1) {
      throw new Error(`${this.owner}: axis was ${formatValue(axis)}; it must be -1 or ${x.length - 1}, the last of x`);
    }
    this.checkWidth('x', x);
  }

  protected override addWeights([x]: Shape[]): void {
    const channels = [x[x.length - 1]];
    const { scale, center = false } = this.shared;
    this.gamma = scale ? this.addWeightOf('gamma', 'gamma', channels) : undefined;
    this.beta = center ? this.addWeightOf('beta', 'beta', channels) : undefined;
  }

  /** Factor and addend of each channel. */
  protected scaling(x: tf.Tensor): { gamma: tf.Tensor; beta: tf.Tensor } {
    const channels = [x.shape[x.rank - 1]];
    return { gamma: this.gamma?.read() ?? tf.ones(channels), beta: this.beta?.read() ?? tf.zeros(channels) };
  }

  private get shared(): Settings<Shared> & { readonly center?: boolean } {
    return this.settings as unknown as Settings<Shared>;
  }
}
