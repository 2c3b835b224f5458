// Models to serve, and servers in the tests' own process, as built.

import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import * as pa from 'primal-attention';
import { startServer } from '../../dist/serve/startServer.js';
import { serverDefaults, type ServerOptions } from '../../dist/serve/serverOptions.js';

const sizes = { classes: 2, feedForward: 8, heads: 2 };
const ofNumbers = { channels: 2, length: 5, width: 8, feedForward: 8, heads: 2 };
const statistics = { mean: [1, 2], deviation: [2, 3] };

/**
 * Series of 2 channels and up to 5 positions, images of 4 x 4 with 2 channels, and tokens a, b, [MAX: classes no and yes. A
 * regressor of such series, and a forecaster of 3 steps after 5, of channels u and v.
 */
export const models = {
  series: (seed: number) => pa.timeSeriesClassifier({ channels: 2, length: 5, width: 8, seed, ...sizes }),
  images: (seed: number) => pa.visionTransformer({ height: 4, width: 4, channels: 2, embedDim: 8, seed, ...sizes }),
  tokens: (seed: number) => pa.tokenClassifier({ vocabulary: 3, length: 4, width: 8, seed, ...sizes }),
  regressor: (seed: number) => pa.timeSeriesRegressor({ seed, ...ofNumbers }),
  forecaster: (seed: number) => pa.timeSeriesForecaster({ horizon: 3, patchLength: 2, stride: 1, seed, ...ofNumbers }),
} as const;

/** What each keeps of its training, besides what all do. */
const kept: Record<keyof typeof models, Partial<pa.ModelMetadata>> = {
  series: { kind: 'series', statistics },
  images: { kind: 'images', statistics },
  tokens: { kind: 'tokens', statistics: null, vocabulary: ['a', 'b', '[MAX'] },
  regressor: {
    ...{ kind: 'series', statistics, task: 'regression', classNames: [] },
    target: { name: 'mass', mean: 10, deviation: 2 },
  },
  forecaster: {
    ...{ kind: 'series', statistics, task: 'forecasting', classNames: [] },
    ...{ forecast: { length: 5, horizon: 3 }, channelNames: ['u', 'v'] },
  },
};

/** Saves an untrained model; the same seed gives the same. */
export async function saveModel(
  folder: string,
  kind: keyof typeof models,
  seed = 1,
  more: Partial<pa.ModelMetadata> = {},
): Promise<void> {
  await pa.init();
  const model: LayersModel = models[kind](seed);
  pa.setMetadata(model, {
    ...{ data: 'd', form: 'softmax', classNames: ['no', 'yes'] },
    ...kept[kind],
    ...more,
  } as pa.ModelMetadata);
  await pa.save(model, folder);
  model.dispose();
}

export interface TestServer {
  url: string;
  get(path: string): Promise<Response>;
  /** An object is sent as JSON; what is text or bytes as it is. */
  post(path: string, body?: object | string | Uint8Array, headers?: Record<string, string>): Promise<Response>;
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server of models in the folders `home/NAME`. */
export async function serveModels(
  home: string,
  names: readonly string[],
  options: Partial<ServerOptions> = {},
): Promise<TestServer> {
  const places = names.map((name) => ({ name, folder: join(home, name) }));
  const own = { models: places, threads: 2, port: 0, logLevel: 'silent' } as const;
  const server = await startServer({ ...serverDefaults, ...own, ...options }, '1.2.3');
  return {
    ...server,
    get: (path) => fetch(server.url + path),
    post: (path, body = '', headers = {}) => {
      const isPlain = typeof body === 'string' || body instanceof Uint8Array;
      return fetch(server.url + path, {
        method: 'POST',
        body: isPlain ? (body as BodyInit) : JSON.stringify(body),
        headers: { ...(!isPlain && { 'content-type': 'application/json' }), ...headers },
      });
    },
  };
}

/** The body of an answer, which must have the status. */
export async function bodyOf<Body = unknown>(answer: Response | Promise<Response>, status = 200): Promise<Body> {
  const response = await answer;
  const text = await response.text();
  if (response.status !== status) throw new Error(`the status was ${response.status}, not ${status}: ${text}`);
  return JSON.parse(text) as Body;
}
