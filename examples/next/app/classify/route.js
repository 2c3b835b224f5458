// POST one case as JSON, [positions][channels], and get its class.

import { join } from 'node:path';
import { loadPredictor } from 'primal-attention/predict';

/** Loaded by the first request, for all. */
let loading;

export async function POST(request) {
  const predictor = await (loading ??= loadPredictor(join(process.cwd(), 'public/model')));
  try {
    const [{ label, probabilities }] = predictor.predict([await request.json()]);
    return Response.json({ label, probabilities: [...probabilities] });
  } catch (error) {
    return new Response(`${error.message}\n`, { status: 400 });
  }
}
