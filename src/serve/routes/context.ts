import type { Logger } from 'pino';
import type { Dispatcher } from '../dispatcher.js';
import type { MapMaker } from '../maps/mapMaker.js';
import type { Metrics } from '../metrics.js';
import type { ModelRepository } from '../models/modelRepository.js';

/** What routes answer from. */
export interface ServerContext {
  repository: ModelRepository;
  dispatcher: Dispatcher;
  maps: MapMaker;
  metrics: Metrics;
  log: Logger;
  /** Of the package. */
  version: string;
  /** Whether requests can be answered: models are loaded, threads ready, and the server is not going down. */
  isReady: () => boolean;
}
