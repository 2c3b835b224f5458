// From the start of a process to the first result: node start.js FOLDER prints milliseconds.

import { loadPredictor } from 'primal-attention/predict';

const predictor = await loadPredictor(process.argv[2]);
const [length, channels] = predictor.info.inputShape;
predictor.predict([new Float32Array(length * channels)]);
// From the beginning of the process on.
console.log(performance.now());
