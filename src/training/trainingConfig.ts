// How a model was compiled, as its file keeps it.

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A model as its own code knows it. */
interface Compiled {
  optimizer?: tf.Optimizer;
  loss?: unknown;
  metrics?: unknown;
  getTrainingConfig(): tf.io.TrainingConfig;
}

/** A name, or several. */
function isNamed(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'string';
  return Object.values(value).every(isNamed);
}

/** undefined where the model is not compiled, or with functions or an optimizer that no file can name. */
export function trainingConfigOf(model: LayersModel): tf.io.TrainingConfig | undefined {
  const { optimizer, loss, metrics = [] } = model as unknown as Compiled;
  if (!optimizer || !isNamed(loss) || !isNamed(metrics)) return undefined;
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  return optimizer.getClassName() in classNameMap ? (model as unknown as Compiled).getTrainingConfig() : undefined;
}

/** @throws Error where a loss is a function, of which tfjs leaves nothing, and says nothing */
export function checkTrainingConfig(config: tf.io.TrainingConfig | undefined): void {
  const { loss } = config ?? { loss: 'none' };
  if (isNamed(loss) && Object.keys(loss).length > 0) return;
  throw new Error(
    "save: the model's loss is a function, which no file can hold; compile it with the name of a loss, such as " +
      "'meanSquaredError', or save it without includeOptimizer",
  );
}
