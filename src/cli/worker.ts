import { Command } from 'commander';
import { counted } from '../checks/counted.js';
import { shareCores } from '../experiments/localPlace.js';
import { connectQueue } from '../experiments/queue/connectQueue.js';
import { checkVersions } from '../experiments/queue/queueVersions.js';
import { type QueueWorker, startQueueWorker, type WorkerEvent } from '../experiments/queue/queueWorker.js';
import { init } from '../ops/init.js';
import { integer, MOST_THREADS, redisUrl } from './arguments.js';
import { addWideOption } from './computeOptions.js';
import { ECHO_MS } from './interruption.js';
import { Output } from './output.js';
import { packageFacts } from './packageFacts.js';

/** What `worker` can be told. */
interface WorkerOptions {
  queue: string;
  concurrency?: number;
  threads?: number;
  takeover: number;
  wide: boolean | 'auto';
  quiet?: boolean;
}

/** Milliseconds in which runs are given back. */
const GIVING_BACK = 5_000;

function describe(event: WorkerEvent): string {
  const { data, form, seed } = event.run;
  const run = `${data}  ${form}  seed ${seed}`;
  switch (event.kind) {
    case 'fetching':
      return `${run}: fetching the data set`;
    case 'started':
      return `${run}: started`;
    case 'finished':
      return `${run}: finished, ${event.seconds.toFixed(1)} s of training`;
    case 'failed':
      return `${run}: failed: ${event.error}`;
    case 'given up':
      return `${run}: given up: ${event.reason}`;
  }
}

/**
 * Waits for a signal and ends the worker as it asks: SIGTERM has the runs given back, SIGINT (Ctrl-C) first finished, and a
 * second one given back.
 */
function stopOnSignal(worker: QueueWorker, output: Output): Promise<void> {
  return new Promise((resolve, reject) => {
    let asked = 0;
    const giveBack = () => {
      output.say('stopping: the runs go back to the queue');
      setTimeout(resolve, GIVING_BACK).unref(); // without a Redis, others take them over as from a worker that has died
      worker.giveBack().then(resolve, reject);
    };
    process.once('SIGTERM', giveBack);
    process.on('SIGINT', () => {
      const now = performance.now();
      if (asked > 0) {
        if (now - asked > ECHO_MS) giveBack();
        return;
      }
      asked = now;
      output.say('stopping after the runs that are under way; Ctrl-C again gives them back to the queue');
      worker.finish().then(resolve, reject);
    });
  });
}

async function work({ queue, takeover, wide, ...options }: WorkerOptions): Promise<void> {
  const output = new Output(options);
  const { version } = packageFacts();
  // An error at once where they cannot be had, and not in each run.
  if (wide === true) await init({ threads: 1, wide });
  const { jobs: concurrency, threads } = shareCores({ jobs: options.concurrency, threads: options.threads });
  const connection = await connectQueue(queue, (text) => output.say(text));
  try {
    const warning = await checkVersions(connection.redis, 'comparisons', version);
    if (warning !== undefined) output.warn(warning);
    const onEvent = (event: WorkerEvent) => output.say(describe(event));
    const worker = await startQueueWorker({ connection, version, concurrency, threads, takeover, wide, onEvent });
    const places = `${counted(concurrency, 'run')} at a time with ${counted(threads, 'thread')} each`;
    output.say(`worker at ${connection.address}: ${places}; version ${version}`);
    const gone = new Promise<never>((_, reject) => {
      connection.gone.addEventListener('abort', () => reject(connection.gone.reason as Error), { once: true });
    });
    await Promise.race([stopOnSignal(worker, output), gone]);
  } finally {
    connection.close();
  }
}

/** The command `worker`. */
export function workerCommand(): Command {
  const command = new Command('worker')
    .description('Compute runs that `compare --queue` gives to a queue, until it is stopped.')
    .requiredOption('--queue <url>', 'Redis of the queue: redis://HOST:PORT/DB', redisUrl)
    .option('--concurrency <n>', 'runs at a time (default: one per core)', integer(1, MOST_THREADS))
    .option('--threads <n>', 'threads per run (default: the cores divided among the runs)', integer(1, MOST_THREADS))
    .option(
      '--takeover <seconds>',
      'silence after which the runs of a worker go to others; the same for all workers',
      integer(2, 3600),
      30,
    );
  return addWideOption(
    command,
    '256-bit vectors for runs that leave it open (auto: where Node and processor have them)',
  )
    .option('--quiet', 'say nothing')
    .addHelpText(
      'after',
      '\nSIGTERM gives the runs that are under way back to the queue. Ctrl-C finishes them first; a second one gives them back.' +
        '\n\nExamples:' +
        '\n  $ primal-attention worker --queue redis://server:6379' +
        '\n  $ primal-attention worker --queue redis://server:6379/2 --concurrency 4',
    )
    .action((options: WorkerOptions) => work(options));
}
