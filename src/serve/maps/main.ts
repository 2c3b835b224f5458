// A thread that draws attention maps. It holds one model, the last one that was asked for.

import { parentPort } from 'node:worker_threads';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { init } from '../../ops/init.js';
import { loadPredictor } from '../../predict/node.js';
import type { Predictor } from '../../predict/predictor.js';
import { RequestError } from '../requestError.js';
import { parsePredictRequest } from '../worker/predictRequest.js';
import { caseMap, modelOf } from './caseMap.js';
import type { MapAnswer, MapRequest } from './messages.js';

const port = parentPort!;
let held: { model: LayersModel; predictor: Predictor } | undefined;

async function answer({ source, description, index, body, type }: MapRequest): Promise<MapAnswer> {
  if (source) {
    await init({ threads: 1 });
    held?.model.dispose();
    held?.predictor.dispose();
    held = { model: await modelOf(source), predictor: await loadPredictor(source) };
  }
  const { model, predictor } = held!;
  try {
    const { cases } = await parsePredictRequest({ form: 'predict', body, type }, description);
    if (index >= cases.length) {
      throw new RequestError(400, `?case= was ${index + 1}; it must be at most ${cases.length}, the number of cases`);
    }
    // It says what is wrong with a case.
    predictor.predict([cases[index]], { missing: true });
    const { kind, inputShape } = description.info;
    return { map: await caseMap(model, kind, inputShape, cases[index]) };
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) throw error;
    return { status: error instanceof RequestError ? error.status : 400, error: (error as Error).message };
  }
}

port.on('message', (request: MapRequest) => void answer(request).then((message) => port.postMessage(message)));
