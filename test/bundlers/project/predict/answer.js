// The predict runtime at work. It has to say the same wherever it runs.

import { loadPredictor } from 'primal-attention/predict';
import { model, value, weights } from '../saved.js';

/** @param options source: where the model is, if not in the code; all others are loadPredictor's */
export async function answer({ source = { model, weights: weights.buffer }, ...options } = {}) {
  const predictor = await loadPredictor(source, options);
  const predict = () => predictor.predict([value])[0].probabilities;
  const results = { probabilities: [...predict()] };
  const firstResult = performance.now();
  for (let warm = 0; warm < 100; warm++) predict();
  const start = performance.now();
  for (let count = 0; count < 100; count++) predict();
  const oneCase = (performance.now() - start) / 100;
  const { threads, build, bytes } = predictor.info;
  return { results, threads, build, bytes, firstResult, oneCase };
}
