// The package in a worker of the page, which leaves the page's own thread free.

import { init } from 'primal-attention';
import { compute } from './compute.js';

const info = await init({ threads: 2 });
self.postMessage({ info, results: compute() });
