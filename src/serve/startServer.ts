import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { destination, pino, stdTimeFunctions } from 'pino';
import { bearerCheck } from './bearerToken.js';
import { Dispatcher } from './dispatcher.js';
import { MapMaker } from './maps/mapMaker.js';
import { Metrics } from './metrics.js';
import { loadModel } from './models/loadModel.js';
import { ModelRepository } from './models/modelRepository.js';
import { RequestError } from './requestError.js';
import type { ServerContext } from './routes/context.js';
import { errorRoutes, refuse } from './routes/errors.js';
import { inferenceRoutes } from './routes/inferenceRoutes.js';
import { mapRoutes } from './routes/mapRoutes.js';
import { metricsRoutes } from './routes/metricsRoutes.js';
import { pageRoutes } from './routes/pageRoutes.js';
import { protocolRoutes } from './routes/protocolRoutes.js';
import { repositoryRoutes } from './routes/repositoryRoutes.js';
import type { ServerOptions } from './serverOptions.js';
import { WorkerPool } from './worker/workerPool.js';

/** Milliseconds between two looks for connections that have become idle while the server goes down. */
const DRAIN_MS = 50;
/** Milliseconds between two looks for requests that take too long to arrive. */
const SLOW_MS = 1000;
/** Of a log's standard error. */
const STDERR = 2;

/** A server that runs. */
export interface RunningServer {
  /** http://HOST:PORT */
  url: string;
  /** Loads all models anew; what cannot be loaded is logged, and what was served before stays. */
  reload(): Promise<void>;
  /** Answers what has been asked, takes nothing new, and ends. */
  close(): Promise<void>;
}

/** Routes that need no token. */
const isOpen = (path: string | undefined) =>
  path === undefined || path === '/' || path.startsWith('/page/') || path.startsWith('/v2/health/');

function makeServer(options: ServerOptions, context: ServerContext): FastifyInstance {
  const server = fastify({
    bodyLimit: options.maxBody,
    // For a request to arrive whole. If headers had more time, Node would exchange the two.
    requestTimeout: options.timeout,
    http: { headersTimeout: options.timeout, connectionsCheckingInterval: Math.min(options.timeout, SLOW_MS) },
    return503OnClosing: false,
    // Before there is a route.
    frameworkErrors: refuse,
    routerOptions: { ignoreTrailingSlash: true },
  });
  // Bodies are read where they are answered: in the worker threads.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  const checkToken = options.token === undefined ? undefined : bearerCheck(options.token);
  server.addHook('onRequest', (request, _, done) => {
    // No page of another site may make a browser ask for something here.
    if (request.method === 'POST' && request.headers['sec-fetch-site'] === 'cross-site') {
      throw new RequestError(403, 'the request came from a page of another site; it must come from this one');
    }
    if (checkToken && !isOpen(request.routeOptions.url)) checkToken(request.headers.authorization);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    context.metrics.request(route, reply.statusCode, reply.elapsedTime);
    context.log.debug(
      { method: request.method, url: request.url, status: reply.statusCode, ms: reply.elapsedTime },
      'request',
    );
    done();
  });
  const routes = [protocolRoutes, inferenceRoutes, repositoryRoutes, metricsRoutes, mapRoutes, pageRoutes];
  for (const add of [errorRoutes, ...routes]) add(server, context);
  return server;
}

/**
 * Starts a server: loads its models, then listens.
 *
 * @param options see ServerOptions
 * @param version of the package
 * @throws Error that names the model that cannot be loaded, or says why it cannot listen
 */
export async function startServer(options: ServerOptions, version: string): Promise<RunningServer> {
  const log = pino({ level: options.logLevel, base: null, timestamp: stdTimeFunctions.isoTime }, destination(STDERR));
  const pool = new WorkerPool(options.threads);
  const settings = { batchSize: options.maxBatch, precision: options.precision };
  const repository = new ModelRepository(options.models, pool, settings);
  const dispatcher: Dispatcher = new Dispatcher(pool, repository, options, (report) => metrics.batch(report));
  const metrics = new Metrics({ waiting: () => dispatcher.waiting, readyThreads: () => pool.readyCount, repository });
  pool.start({
    onIdle: () => dispatcher.pump(),
    onEnd: (error) => {
      metrics.threadEnded();
      log.error({ reason: error.message }, 'worker thread ended, and is replaced');
    },
  });
  const maps = new MapMaker(options.timeout);
  let isClosing = false;
  const isReady = () => !isClosing && repository.isReady && pool.readyCount > 0;
  const server = makeServer(options, { repository, dispatcher, maps, metrics, log, version, isReady });
  try {
    for (const name of repository.names) await loadModel({ repository, log }, name);
    await server.listen({ host: options.host, port: options.port });
  } catch (error) {
    await Promise.all([server.close(), pool.close()]);
    throw error;
  }
  const { address, port, family } = server.server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async reload() {
      // What fails is in the log, and keeps no other model from being loaded.
      for (const name of repository.names) await loadModel({ repository, log }, name).catch(() => undefined);
    },
    async close() {
      isClosing = true;
      const timer = setInterval(() => server.server.closeIdleConnections(), DRAIN_MS);
      await server.close();
      clearInterval(timer);
      await Promise.all([pool.close(), maps.close()]);
    },
  };
}
