// tf.layers' LSTM, GRU and SimpleRNN in one kernel for all steps, where their options allow it. tf.layers itself runs some
// twenty operations a step. It relies on how RNN.call of tfjs-layers 4.22.0 is built.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type RecurrentCell, recurrentCells } from '../../kernels/recurrent.js';
import { linear } from '../linear.js';
import { recurrent } from '../recurrent.js';
import { fuseLayer } from './fuseLayer.js';
import { isFused } from './isFused.js';

interface Variable {
  read(): Tensor;
}

/** A cell of tf.layers, LSTM's, GRU's or that of SimpleRNN, or one of a user's. */
interface LayersCell {
  getClassName(): string;
  units: number;
  stateSize: number | number[];
  activation: { getClassName(): string };
  recurrentActivation?: { getClassName(): string };
  kernel: Variable;
  recurrentKernel: Variable;
  bias: Variable | null;
  dropout: number;
  recurrentDropout: number;
}

/** A layer as RNN.call knows it. */
interface RecurrentLayer {
  cell: LayersCell;
  goBackwards: boolean;
  stateful: boolean;
  returnSequences: boolean;
  returnState: boolean;
  states_: Tensor[] | null;
  resetStates(states: Tensor[], training?: boolean): void;
}

interface CallOptions {
  mask?: Tensor | null;
  training?: boolean | null;
  initialState?: Tensor[] | null;
}

type Call = (this: RecurrentLayer, inputs: Tensor | Tensor[], options?: CallOptions | null) => Tensor | Tensor[];

const isCell = (name: string): name is RecurrentCell => name in recurrentCells;

/** Whether the kernel computes what the layer would. */
function isFusable({ cell }: RecurrentLayer, x: Tensor, { mask, training }: CallOptions): boolean {
  if (!isFused() || x.rank !== 3 || x.dtype !== 'float32' || x.shape[1] === 0) return false;
  if (mask && mask.rank !== 2) return false;
  if (!isCell(cell.getClassName()) || cell.activation.getClassName() !== 'tanh') return false;
  const gate = cell.recurrentActivation?.getClassName();
  if (gate !== undefined && gate !== 'sigmoid' && gate !== 'hardSigmoid') return false;
  return !training || (cell.dropout === 0 && cell.recurrentDropout === 0);
}

/** RNN.call, with one kernel for all steps. */
function callFused(layer: RecurrentLayer, x: Tensor, { mask, training, initialState }: CallOptions): Tensor | Tensor[] {
  const { cell, goBackwards, stateful, returnSequences, returnState } = layer;
  const [batch, steps] = x.shape;
  const count = [cell.stateSize].flat().length;
  const zeros = () => Array.from({ length: count }, () => tf.zeros([batch, cell.units]));
  const initial = initialState ?? (stateful ? layer.states_! : zeros());
  if (initial.length !== count) {
    throw new Error(`RNN Layer has ${count} state(s) but was passed ${initial.length} initial state(s).`);
  }
  const turn = (tensor: Tensor) => (goBackwards ? tf.reverse(tensor, 1) : tensor);
  const z = linear(turn(x), cell.kernel.read(), cell.bias?.read());
  const kept = mask ? turn(tf.cast(mask, 'bool')) : undefined;
  const name = cell.getClassName() as RecurrentCell;
  const hardSigmoid = cell.recurrentActivation?.getClassName() === 'hardSigmoid';
  const inputs = { z, kernel: cell.recurrentKernel.read(), initial, mask: kept };
  const all = recurrent(inputs, { cell: name, hardSigmoid });
  const last = all.map((states) => tf.reshape(tf.slice(states, [0, steps - 1, 0], [-1, 1, -1]), [batch, cell.units]));
  if (stateful) layer.resetStates(last, training ?? false);
  const output = returnSequences ? all[0] : last[0];
  return returnState ? [output, ...last] : output;
}

/** Puts the kernel in the place of tf.layers' loops over steps, or these back. */
export const fuseRecurrentLayers = fuseLayer<Call>('RNN', (tfjsCall) => {
  return function (inputs, options) {
    const [x, ...others] = [inputs].flat();
    const given = options ?? {};
    if (others.length > 0 || !isFusable(this, x, given)) return tfjsCall.call(this, inputs, options);
    return tf.tidy(() => callFused(this, x, given));
  };
});
