import type { LabelledData } from '../data/labelledData.js';
import { casesOf } from '../predict/casesOf.js';
import { loadPredictor } from '../predict/node.js';
import type { PredictorInfo, PredictorOptions } from '../predict/types.js';

/** Cases computed at once. */
const BATCH = 16;

/**
 * What the predict runtime says of the cases of a data set.
 *
 * @param folder of a saved classifier
 * @param data fits the model, not standardised
 * @returns probabilities, [cases][classes], and what gave them
 * @throws as loadPredictor and its predict
 */
export async function predictorOutputs(
  folder: string,
  data: LabelledData,
  options: Pick<PredictorOptions, 'precision' | 'threads'>,
): Promise<{ outputs: number[][]; info: Readonly<PredictorInfo> }> {
  const predictor = await loadPredictor(folder, { batchSize: BATCH, ...options });
  try {
    const outputs = predictor.predict(casesOf(data)).map(({ probabilities }) => [...probabilities]);
    return { outputs, info: predictor.info };
  } finally {
    predictor.dispose();
  }
}
