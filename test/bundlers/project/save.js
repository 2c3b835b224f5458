// Trains a model a little and saves it, in a folder and as a module that holds it, for where there are no files.

import { readFileSync, writeFileSync } from 'node:fs';
import { fit, init, save, timeSeriesClassifier } from 'primal-attention';

const [channels, length, classes] = [12, 29, 9];
const labels = Array.from({ length: 36 }, (_, index) => index % classes);
const lengths = labels.map((_, index) => length - (index % 10));
const series = labels.map((label, index) =>
  Float32Array.from({ length: lengths[index] * channels }, (_, at) => Math.sin((label + 1) * at + index)),
);
const classNames = Array.from({ length: classes }, (_, index) => `speaker ${index + 1}`);

await init({ threads: 1 });
const sizes = { channels, length, classes, width: 128, feedForward: 256, heads: 8, layers: 2 };
const model = timeSeriesClassifier({ ...sizes, attention: { batchNorm: true, headScales: [1, 1, 1, 1, 2, 2, 2, 2] } });
await fit(model, { series, lengths, channels, labels, classNames }, { epochs: 2, batchSize: 12, seed: 1 });
await save(model, 'vowels');

const value = Array.from({ length: 20 }, (_, t) => Array.from({ length: channels }, (_, c) => Math.sin(t * c + c)));
const saved = JSON.parse(readFileSync('vowels/model.json', 'utf8'));
const weights = readFileSync('vowels/weights.bin').toString('base64');
writeFileSync('case.json', JSON.stringify(value));
writeFileSync(
  'saved.js',
  `export const model = ${JSON.stringify(saved)};
export const value = ${JSON.stringify(value)};
export const length = ${length};
export const weights = Uint8Array.from(atob('${weights}'), (character) => character.charCodeAt(0));
`,
);
