// Attention in a bundle in CommonJS: node commonJs.cjs [folder of tfjs's binaries]; prints what goes wrong, or that it attends.

import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { attention, init } from 'primal-attention/attention';

const [, , folder] = process.argv;
if (folder) setWasmPaths(folder);
init()
  .then(({ notes }) => {
    const [q, k, v] = [1, 2, 3].map((seed) => tf.randomNormal([1, 2, 8, 4], 0, 1, 'float32', seed));
    return { shape: attention(q, k, v).shape, notes };
  })
  .catch(({ message }) => ({ error: message }))
  .then((said) => console.log(JSON.stringify(said)));
