import { check, checkInteger, checkOptions, formatValue } from '../checks/values.js';
import { oneOf } from '../checks/rules.js';
import { shareMemory } from '../runtime/shareMemory.js';
import { hasRelaxedSimd, hasSimd } from '../runtime/simd.js';
import { ThreadError } from '../runtime/pool.js';
import type { Threads } from '../runtime/thread.js';
import { isOf } from '../checks/isOf.js';
import { makePredictor, type SavedModel } from './makePredictor.js';
import { functions } from './generated/bindings.js';
import { readWeightSpecs } from './modelJson.js';
import type { Predictor } from './predictor.js';
import type { PredictionTask, PredictorOptions, PredictorSource } from './types.js';

const owner = 'loadPredictor';
/** More than machines have cores; each is a worker. */
const MOST_THREADS = 256;

/** Lists of so many fit into memory; with more, models of some size do not. */
const MOST_CASES = 2 ** 20;

/** The builds of the kernels for predicting. */
export type PredictBuild = 'simd' | 'relaxed';

/** What differs from runtime to runtime. */
export interface Platform {
  /** The kernels: their bytes, or compiled where the runtime compiles none. */
  kernels(build: PredictBuild): Promise<Uint8Array<ArrayBuffer> | WebAssembly.Module>;
  threads: Threads;
  /** The address of a folder or file, as the runtime understands it. */
  resolve(source: string): URL;
  /** Bytes of a file. Throws Error with its address. */
  read(address: URL): Promise<ArrayBuffer>;
  /** Switches relaxed SIMD on where it is off. */
  enableRelaxedSimd?(): unknown;
}

async function readModel(platform: Platform, source: PredictorSource): Promise<SavedModel> {
  if (typeof source === 'object' && source !== null && 'model' in source) {
    const { model, weights } = source;
    if (isOf('ArrayBuffer', weights)) return { model, weights };
    throw new Error(`${owner}: weights was ${formatValue(weights)}; it must be an ArrayBuffer`);
  }
  if ((typeof source !== 'string' || source === '') && !(source instanceof URL)) {
    throw new Error(`${owner}: source was ${formatValue(source)}; it must be a path, a URL or { model, weights }`);
  }
  const address = platform.resolve(String(source));
  if (!address.pathname.endsWith('.json')) address.pathname = `${address.pathname.replace(/\/$/, '')}/model.json`;
  const text = new TextDecoder().decode(await platform.read(address));
  let model: unknown;
  try {
    model = JSON.parse(text);
  } catch (error) {
    throw new Error(`${owner}: ${address.href} was no JSON: ${(error as Error).message}`, { cause: error });
  }
  const files = readWeightSpecs(model).paths.map((path) => platform.read(new URL(path, address)));
  const parts = await Promise.all(files);
  if (parts.length === 1) return { model, weights: parts[0] };
  const weights = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let end = 0;
  for (const part of parts) {
    weights.set(new Uint8Array(part), end);
    end += part.byteLength;
  }
  return { model, weights: weights.buffer };
}

function chooseBuild(platform: Platform): PredictBuild {
  if (!hasSimd()) throw new Error(`${owner}: WebAssembly SIMD is needed, and not available here`);
  platform.enableRelaxedSimd?.();
  return hasRelaxedSimd() ? 'relaxed' : 'simd';
}

const isBytes = (kernels: object): kernels is Uint8Array<ArrayBuffer> => isOf('Uint8Array', kernels);

function checkThreads({ threads: platform }: Platform, threads: number, module: unknown): void {
  checkInteger(owner, 'threads', threads, 1, MOST_THREADS);
  if (threads === 1) return;
  const reason =
    module === undefined ? platform.whyNoThreads() : 'options.module has a memory that threads cannot share';
  if (reason !== undefined)
    throw new Error(`${owner}: threads was ${threads}; only one can be had here, since ${reason}`);
}

function checkModule(module: unknown): void {
  if (!isOf('WebAssembly.Module', module)) {
    throw new Error(`${owner}: module was ${formatValue(module)}; it must be a WebAssembly.Module`);
  }
  const names = WebAssembly.Module.exports(module as WebAssembly.Module).map(({ name }) => name);
  if (Object.keys(functions).every((name) => names.includes(name))) return;
  throw new Error(`${owner}: module was without the kernels; it must be one of primal-attention/predict/*.wasm`);
}

/** `makePredictor`, whose errors are all of loadPredictor: a damaged model may stumble anywhere. */
async function makeOf(...args: Parameters<typeof makePredictor>): Promise<Predictor<never>> {
  try {
    return await makePredictor(...args);
  } catch (error) {
    if (error instanceof ThreadError || (error as Error).message.startsWith(`${owner}: `)) throw error;
    throw new Error(`${owner}: the model cannot be computed: ${(error as Error).message}`, { cause: error });
  }
}

/** `loadPredictor` on a platform. */
export async function load<Task extends PredictionTask>(
  platform: Platform,
  source: PredictorSource,
  options: PredictorOptions,
): Promise<Predictor<Task>> {
  const names = ['batchSize', 'threads', 'precision', 'module'] satisfies (keyof PredictorOptions)[];
  checkOptions(owner, options, names);
  const { batchSize = 1, threads = 1, precision = 'float32', module } = options;
  checkInteger(owner, 'batchSize', batchSize, 1, MOST_CASES);
  checkThreads(platform, threads, module);
  check(owner, 'precision', precision, oneOf(['float32', 'int8']));
  const settings = { batchSize, precision, threads, platform: platform.threads };
  if (module !== undefined) checkModule(module);
  if (module) return makeOf(await readModel(platform, source), module, { ...settings, build: 'module' });
  const build = chooseBuild(platform);
  const compile = async () => {
    const kernels = await platform.kernels(build);
    return isBytes(kernels) ? WebAssembly.compile(threads > 1 ? shareMemory(kernels) : kernels) : kernels;
  };
  const [model, kernels] = await Promise.all([readModel(platform, source), compile()]);
  return makeOf(model, kernels, { ...settings, build });
}
