// What /metrics shows, by the names of Prometheus.

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { BatchReport } from './dispatcher.js';
import type { ModelRepository } from './models/modelRepository.js';

const PREFIX = 'primal_attention';
/** Bounds of histograms: seconds, and sizes of batches. */
const SECONDS = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** What is looked at when the metrics are asked for. */
export interface Gauges {
  waiting: () => number;
  readyThreads: () => number;
  repository: ModelRepository;
}

export class Metrics {
  private readonly registry = new Registry();
  private readonly own = { registers: [this.registry] };
  private readonly requests = new Counter({
    ...this.own,
    name: `${PREFIX}_requests_total`,
    help: 'Requests answered.',
    labelNames: ['route', 'status'],
  });
  private readonly durations = new Histogram({
    ...this.own,
    name: `${PREFIX}_request_duration_seconds`,
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['route'],
    buckets: SECONDS,
  });
  private readonly waits = new Histogram({
    ...this.own,
    name: `${PREFIX}_queue_wait_seconds`,
    help: 'Time that requests have waited for a worker thread.',
    buckets: SECONDS,
  });
  private readonly batchRequests = new Histogram({
    ...this.own,
    name: `${PREFIX}_batch_requests`,
    help: 'Requests in a batch.',
    labelNames: ['model'],
    buckets: SIZES,
  });
  private readonly batchCases = new Histogram({
    ...this.own,
    name: `${PREFIX}_batch_cases`,
    help: 'Cases in a batch.',
    labelNames: ['model'],
    buckets: SIZES,
  });
  private readonly computeTimes = new Histogram({
    ...this.own,
    name: `${PREFIX}_batch_compute_seconds`,
    help: 'Time that a model has computed a batch.',
    labelNames: ['model'],
    buckets: SECONDS,
  });
  private readonly threadEnds = new Counter({
    ...this.own,
    name: `${PREFIX}_worker_thread_ends_total`,
    help: 'Worker threads that ended unexpectedly and were replaced.',
  });

  constructor(gauges: Gauges) {
    this.gauge('queue_requests', 'Requests that wait for a worker thread.', gauges.waiting);
    this.gauge('worker_threads', 'Worker threads that are ready.', gauges.readyThreads);
    this.models(gauges.repository);
    const memory = (field: keyof NodeJS.MemoryUsage) => () => process.memoryUsage()[field];
    this.gauge('resident_memory_bytes', 'Resident memory of the process.', memory('rss'), 'process');
    this.gauge('heap_used_bytes', 'JavaScript heap in use by the main thread.', memory('heapUsed'), 'nodejs');
    this.gauge('external_memory_bytes', 'Memory outside the main heap.', memory('external'), 'nodejs');
    const started = Date.now() / 1000 - process.uptime();
    this.gauge('start_time_seconds', 'Start of the process since 1970.', () => started, 'process');
    const registers = this.own;
    new Counter({
      ...registers,
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the process, all threads.',
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1e6);
      },
    });
  }

  private gauge(name: string, help: string, value: () => number, prefix = PREFIX): void {
    const collect = function (this: Gauge) {
      this.set(value());
    };
    new Gauge({ ...this.own, name: `${prefix}_${name}`, help, collect });
  }

  private models(repository: ModelRepository): void {
    const all = () => repository.list().flatMap(({ versions }) => versions);
    new Gauge({
      ...this.own,
      name: `${PREFIX}_model_info`,
      help: 'Versions of models that are served; always 1.',
      labelNames: ['model', 'version', 'task', 'kind', 'precision', 'build'],
      collect() {
        this.reset();
        for (const { name, version, description } of all()) {
          const { task, kind, precision, build } = description.info;
          this.set({ model: name, version, task, kind, precision, build }, 1);
        }
      },
    });
    new Gauge({
      ...this.own,
      name: `${PREFIX}_model_memory_bytes`,
      help: 'Memory of a model in each worker thread.',
      labelNames: ['model', 'version'],
      collect() {
        this.reset();
        for (const { name, version, description } of all()) {
          this.set({ model: name, version }, description.info.bytes);
        }
      },
    });
  }

  request(route: string, status: number, milliseconds: number): void {
    this.requests.inc({ route, status });
    this.durations.observe({ route }, milliseconds / 1000);
  }

  batch({ model: { name: model }, requests, cases, seconds, waited }: BatchReport): void {
    this.batchRequests.observe({ model }, requests);
    this.batchCases.observe({ model }, cases);
    this.computeTimes.observe({ model }, seconds);
    for (const wait of waited) this.waits.observe(wait);
  }

  threadEnded(): void {
    this.threadEnds.inc();
  }

  /** As Prometheus reads it. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** Of the text. */
  get contentType(): string {
    return this.registry.contentType;
  }
}
