// A saved model, a case, and what the model says of it, for whatever runtime is to say it too.

import { join } from 'node:path';
import * as pa from '../../src/index.js';
import { shuffleWeights } from '../predict/savedParts.js';

/** [positions][channels] */
export const vowel = Array.from({ length: 20 }, (_, t) => Array.from({ length: 12 }, (_, c) => Math.sin(t * c + c)));

/** Saves a model in a folder. Returns the probabilities that it gives the vowel. */
export async function saveVowels(folder: string): Promise<number[]> {
  await pa.init({ threads: 1 });
  const attention = { batchNorm: true, headScales: [1, 1, 2, 2] };
  const model = pa.timeSeriesClassifier({
    channels: 12,
    length: 29,
    classes: 9,
    width: 32,
    heads: 4,
    attention,
    seed: 1,
  });
  shuffleWeights(model, 1);
  await pa.save(model, join(folder, 'vowels'));
  const series = [Float32Array.from(vowel.flat())];
  const classNames = Array.from({ length: 9 }, (_, index) => `${index}`);
  const [probabilities] = pa.predict(model, { series, lengths: [20], channels: 12, labels: [0], classNames });
  model.dispose();
  return probabilities;
}
