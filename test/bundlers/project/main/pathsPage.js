// page.js, with tfjs's binary from a folder of the site: for bundlers that put no files beside the bundle.

import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

setWasmPaths('/wasm/');
await import('./page.js');
