// tfjs's own published tests, as its authors run them: by Jasmine, on one backend.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { init, type InitOptions } from '../../src/ops/init.js';

const require = createRequire(import.meta.url);

/** What computes: this package, tfjs's wasm backend as it comes, or its plain JavaScript. */
export type Setting = 'ours' | 'wasm' | 'cpu';

/** How a published test ended. */
export interface Outcome {
  /** As Jasmine joins the names of its suites and its own. */
  name: string;
  status: 'passed' | 'failed' | 'skipped';
  /** The first line of why it failed. */
  message: string;
}

/** Published tests that fail on this package, each with the reason. */
export const expectedFailures: Readonly<Record<string, string>> = {
  'gradients errors if relevant ops are missing grads':
    'it wants a comparison to have no gradient; here it has one, of zeros',
  'depthwiseConv2d gradients throws error on dilations > 1':
    'it wants no gradient where taps are spaced; here there is one',
};

/** As above, of tfjs-layers' tests. */
export const expectedLayersFailures: Readonly<Record<string, string>> = Object.fromEntries([
  ...[
    'TransformerDecoder one training step of transformer without cross attention',
    ...['call', 'variable sequence length', 'predict', 'does not leak memory'].map((name) => `GPT2Backbone ${name}`),
  ].map((name) => [name, 'its decoder adds a list that holds a tensor: NaN on cpu, an error on wasm']),
  ...[
    'Sequential model, Local storage',
    'loadLayersModel: save and load a model with empty weights',
    'Functional model, IndexedDB',
    ...['conv2d model', 'conv1d model', 'Bidirectional LSTM'].map(
      (name) => `Call predict() and fit() after load: ${name}`,
    ),
  ].map((name) => [`Save-load round trips ${name}`, "it needs a browser's storage"]),
] as [string, string][]);

interface Spec {
  fullName: string;
  status: string;
  failedExpectations: { message: string }[];
}

interface Environment {
  beforeEach(body: () => Promise<void>): void;
  configure(options: object): void;
  addReporter(reporter: { specDone(spec: Spec): void }): void;
  execute(): Promise<unknown>;
}

interface Jasmine {
  DEFAULT_TIMEOUT_INTERVAL: number;
  getEnv(): Environment;
}

interface JasmineFactory {
  core(factory: JasmineFactory): Jasmine;
  interface(jasmine: Jasmine, env: Environment): Record<string, unknown>;
}

/** Files of tfjs-core's tests, as it lists them. */
export function coreFiles(): string[] {
  const list = readFileSync(require.resolve('@tensorflow/tfjs-core/dist/tests.js'), 'utf8');
  return [...list.matchAll(/^import '\.\/(.*)';$/gm)].map(([, file]) => `@tensorflow/tfjs-core/dist/${file}.js`);
}

/** tfjs's tests reset the engine, and with it the backend: ours comes up again as a user brings it up. */
function bringUpEachTime(globals: Record<string, unknown>, options: InitOptions): void {
  const beforeAll = globals.beforeAll as (body: () => Promise<void>) => void;
  globals.beforeAll = (body: () => unknown) =>
    beforeAll(async () => {
      await body();
      if (tf.getBackend() === 'wasm') await init(options);
    });
}

/**
 * Runs published tests, once in a process.
 *
 * @param setting what computes
 * @param files of the tests
 * @param options for `init`, where ours computes
 */
export async function runPublished(
  setting: Setting,
  files: readonly string[],
  options: InitOptions = {},
): Promise<Outcome[]> {
  const factory = require('jasmine-core/lib/jasmine-core/jasmine.js') as JasmineFactory;
  const jasmine = factory.core(factory);
  jasmine.DEFAULT_TIMEOUT_INTERVAL = 120_000;
  const env = jasmine.getEnv();
  env.configure({ random: false, autoCleanClosures: false });
  const globals = factory.interface(jasmine, env);
  if (setting === 'ours') {
    await init(options);
    bringUpEachTime(globals, options);
  }
  // Those outside of an environment find the engine reset, and expect a backend that starts by itself.
  const backendName = setting === 'cpu' ? 'cpu' : 'wasm';
  env.beforeEach(async () => {
    if ((tf.engine().backendName as string | null | undefined) ?? false) return;
    await (setting === 'ours' ? init(options) : tf.setBackend(backendName));
  });
  Object.assign(globalThis, globals);
  setTestEnvs([{ name: backendName, backendName, isDataSync: true }]);
  for (const file of files) await import(/* @vite-ignore */ file);
  const outcomes: Outcome[] = [];
  env.addReporter({
    specDone: ({ fullName, status, failedExpectations: [failure] }) =>
      outcomes.push({
        name: fullName.replaceAll(` ${backendName} {}`, ''),
        status: status === 'passed' || status === 'failed' ? status : 'skipped',
        message: failure?.message.split('\n')[0] ?? '',
      }),
  });
  await env.execute();
  return outcomes;
}
