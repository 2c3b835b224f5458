import { isOf } from '../checks/isOf.js';
import { checkOptions, formatValue } from '../checks/values.js';
import { instructionsIn } from '../runtime/builds.js';

/** Compiled WebAssembly modules. */
export interface Modules {
  /** `primal-attention/kernels/relaxed.wasm`, or `.../simd.wasm` where WebAssembly has no relaxed SIMD. */
  kernels?: WebAssembly.Module;
  /** `@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm` */
  tfjs?: WebAssembly.Module;
}

/** Compiled modules that are what they are called. */
export function checkModules(modules: Modules): void {
  checkOptions('init: modules', modules, ['kernels', 'tfjs'] satisfies (keyof Modules)[]);
  for (const [name, module] of Object.entries(modules)) {
    if (module === undefined || isOf('WebAssembly.Module', module)) continue;
    throw new Error(`init: modules.${name} was ${formatValue(module)}; it must be a WebAssembly.Module`);
  }
  const { kernels, tfjs } = modules;
  const wrong = (name: string, must: string) =>
    new Error(`init: modules.${name} was another WebAssembly.Module; it must be ${must}, compiled`);
  if (kernels && !['simd', 'relaxed'].includes(instructionsIn(kernels) ?? '')) {
    throw wrong('kernels', 'primal-attention/kernels/relaxed.wasm or simd.wasm');
  }
  const owned = (module: WebAssembly.Module) =>
    WebAssembly.Module.exports(module).some(({ kind }) => kind === 'memory');
  if (tfjs && !owned(tfjs)) {
    throw wrong('tfjs', '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm');
  }
}
