// The package in a worker of the page, which leaves the page's own thread free.

import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { init } from 'primal-attention';
import { compute } from './compute.js';

setWasmPaths('/wasm/');
const info = await init({ threads: 2 });
self.postMessage({ info, results: compute() });
