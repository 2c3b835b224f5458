import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { formatShape } from '../checks/tensors.js';
import { constrained, projected } from '../ops/withConstraints.js';
import type { Constraint } from './kerasObjects.js';

/**
 * Projects a weight after each step of an optimizer. (tfjs keeps constraints of weights, but its optimizers pass them by.)
 * As in Keras, what a caller writes stays as it is: a saved model comes back with the weights it had.
 *
 * @param weight a layer's
 * @param constraint what its values become after a step
 */
export function constrain(weight: LayerVariable, constraint: Constraint): void {
  const variable = weight.read() as tf.Variable;
  const assign = variable.assign.bind(variable);
  constrained.add(variable);
  variable.assign = (value) => {
    const result = tf.tidy(() => constraint.apply(value));
    if (result !== variable) assign(result);
    if (result !== value) result.dispose();
    projected.add(variable);
  };
  weight.write = (value) => {
    if (!tf.util.arraysEqual(value.shape, variable.shape)) {
      throw new Error(`${weight.name}: its value was ${formatShape(value)}; it must be ${formatShape(variable)}`);
    }
    if (value !== variable) assign(value);
    return weight;
  };
}
