import type { DispatchLimits } from './dispatcher.js';
import type { ModelPlace } from './models/modelRepository.js';

/** What a server is started with. */
export interface ServerOptions extends DispatchLimits {
  models: readonly ModelPlace[];
  host: string;
  /** 0: any that is free. */
  port: number;
  /** Worker threads. */
  threads: number;
  precision: 'float32' | 'int8';
  /** Bytes of a body, at most. */
  maxBody: number;
  /** What every request but those for health and the page's own files must bring. */
  token?: string;
  /** From where on events are logged. */
  logLevel: LogLevel;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What they are where nothing is said. */
export const serverDefaults = {
  host: '127.0.0.1',
  port: 8080,
  maxBatch: 32,
  maxDelay: 0,
  maxQueue: 256,
  timeout: 10_000,
  maxBody: 8 * 2 ** 20,
  precision: 'float32',
  logLevel: 'info',
} as const;
