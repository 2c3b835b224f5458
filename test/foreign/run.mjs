// A program that uses models of other people, as their documents show: node run.mjs MODEL BACKEND, where the backend may be
// accelerate. Prints the numbers that come out, and the least milliseconds that a call took.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import jpeg from 'jpeg-js';

const require = createRequire(import.meta.url);
const [model, backend] = process.argv.slice(2);
const folder = fileURLToPath(new URL('node_modules/@vladmandic/face-api/', import.meta.url));

if (backend === 'accelerate') await import('primal-attention/accelerate');
else await tf.setBackend(backend);

/** A photograph with faces, that comes with face-api, as [height, width, 3]. */
function photograph() {
  const { data, width, height } = jpeg.decode(readFileSync(`${folder}demo/sample1.jpg`), { useTArray: true });
  return tf.tidy(() => tf.slice(tf.tensor3d(data, [height, width, 4], 'int32'), [0, 0, 0], [-1, -1, 3]));
}

const image = photograph();

/** Each gives a call, which gives numbers. */
const models = {
  async nsfw() {
    const { load } = await import('nsfwjs');
    const classifier = await load('MobileNetV2');
    // Not resized: tfjs's backends round differently there.
    const small = tf.slice(image, [0, 0, 0], [224, 224, 3]);
    return async () => {
      const classes = await classifier.classify(small);
      return classes.sort((a, b) => a.className.localeCompare(b.className)).map(({ probability }) => probability);
    };
  },
  async face() {
    const faceapi = require('@vladmandic/face-api/dist/face-api.node-wasm.js');
    const { ssdMobilenetv1, faceLandmark68Net, faceRecognitionNet, ageGenderNet, faceExpressionNet } = faceapi.nets;
    for (const net of [ssdMobilenetv1, faceLandmark68Net, faceRecognitionNet, ageGenderNet, faceExpressionNet]) {
      await net.loadFromDisk(`${folder}model`);
    }
    const options = new faceapi.SsdMobilenetv1Options({ minConfidence: 0.3 });
    return async () => {
      const faces = await faceapi
        .detectAllFaces(image, options)
        .withFaceLandmarks()
        .withFaceExpressions()
        .withFaceDescriptors()
        .withAgeAndGender();
      return faces.flatMap(({ detection, descriptor, age, genderProbability, expressions }) => [
        ...[detection.score, detection.box.x, detection.box.y, age, genderProbability, expressions.happy],
        ...descriptor,
      ]);
    };
  },
};

const call = await models[model]();
let numbers = await call();
const times = [];
for (let i = 0; i < 8; i++) {
  const start = performance.now();
  numbers = await call();
  times.push(performance.now() - start);
}
console.log(JSON.stringify({ backend: tf.getBackend(), numbers, milliseconds: Math.min(...times) }));
