// A Cloudflare Worker that classifies: POST one case as JSON, [positions][channels], and get its class.

import { loadPredictor } from 'primal-attention/predict';
import model from './model.json';
// wrangler makes an ArrayBuffer of a .bin file.
import weights from './weights.bin';

/** Loaded by the first request, for all. */
let loading;

export default {
  async fetch(request) {
    if (request.method !== 'POST') return new Response('POST a case: [[...channels], ...positions]\n', { status: 405 });
    const predictor = await (loading ??= loadPredictor({ model, weights }));
    try {
      const [{ label, probabilities }] = predictor.predict([await request.json()]);
      return Response.json({ label, probabilities: [...probabilities] });
    } catch (error) {
      return new Response(`${error.message}\n`, { status: 400 });
    }
  },
};
