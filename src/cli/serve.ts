import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { atLeastZero } from '../checks/rules.js';
import type { ModelPlace } from '../serve/models/modelRepository.js';
import { type LogLevel, logLevels, serverDefaults } from '../serve/serverOptions.js';
import { startServer } from '../serve/startServer.js';
import { addChoices, integer, list, nonEmpty, number, threads } from './arguments.js';
import { ECHO_MS } from './interruption.js';
import { packageFacts } from './packageFacts.js';
import { UsageError } from './usageError.js';

interface ServeOptions {
  model: ModelPlace[];
  port: number;
  host: string;
  threads: number | 'auto';
  maxBatch: number;
  maxDelay: number;
  maxQueue: number;
  timeout: number;
  maxBody: number;
  precision: 'float32' | 'int8';
  token?: string;
  logLevel: LogLevel;
}

/** Parses `DIR[,NAME=DIR...]`. */
function places(text: string): ModelPlace[] {
  const found = list(text).map((item) => {
    const [, name, folder] = /^([^=/\\]+)=(.+)$/.exec(item) ?? [undefined, basename(resolve(item)), item];
    return { name, folder };
  });
  const names = found.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return found;
  throw new InvalidArgumentError(`Two models are named '${twice}'; give one of them a name of its own: NAME=DIR.`);
}

/** The token that a file holds. */
async function readToken(file: string): Promise<string> {
  const token = (await readFile(file, 'utf8')).trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new UsageError(`--token: the file '${file}' must hold one token of visible ASCII characters, and nothing else`);
}

async function serve({ model: models, token: file, ...options }: ServeOptions): Promise<void> {
  const token = file === undefined ? undefined : await readToken(file);
  const threads = options.threads === 'auto' ? availableParallelism() : options.threads;
  const { version } = packageFacts();
  const server = await startServer({ ...options, models, threads, ...(token !== undefined && { token }) }, version);
  const reload = () => void server.reload();
  process.on('SIGHUP', reload);
  process.stderr.write(`Serving ${models.map(({ name }) => name).join(', ')} at ${server.url}\n`);
  await new Promise<void>((resolve, reject) => {
    let first: number | undefined;
    const end = () => {
      // A second signal ends the process at once.
      if (first !== undefined && performance.now() - first > ECHO_MS) process.exit(1);
      if (first !== undefined) return;
      first = performance.now();
      server.close().then(resolve, reject);
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
  });
  process.removeListener('SIGHUP', reload);
}

/** The command `serve`. */
export function serveCommand(): Command {
  const { host, port, maxBatch, maxDelay, maxQueue, timeout, maxBody, precision, logLevel } = serverDefaults;
  return new Command('serve')
    .description('Serve saved models over HTTP.')
    .requiredOption(
      '--model <folder>',
      'folder of a saved model or of its versions, named after its last part; several as NAME=DIR, separated by commas',
      places,
    )
    .option('--port <n>', 'port to listen on; 0: any that is free', integer(0, 65535), port)
    .option('--host <address>', 'address to listen on; 0.0.0.0: all of the machine', nonEmpty, host)
    .addOption(new Option('--threads <n>', 'worker threads (auto: one a core)').argParser(threads).default('auto'))
    .option('--max-batch <n>', 'cases computed at once, at most', integer(1, 4096), maxBatch)
    .option('--max-delay <ms>', 'how long a request waits for others to share its batch', number(atLeastZero), maxDelay)
    .option('--max-queue <n>', 'requests that wait, at most; more are refused', integer(1, 1_000_000), maxQueue)
    .option('--timeout <ms>', 'time for a request to arrive, and for its answer', integer(1, 3_600_000), timeout)
    .option('--max-body <bytes>', 'size of a request, at most', integer(1, 2 ** 30), maxBody)
    .addOption(
      addChoices(new Option('--precision <name>', 'what products compute with'), ['float32', 'int8']).default(
        precision,
      ),
    )
    .option('--token <file>', 'file with a bearer token that requests must bring', nonEmpty)
    .addOption(addChoices(new Option('--log-level <level>', 'what is logged'), logLevels).default(logLevel))
    .addHelpText(
      'after',
      '\nThe Open Inference Protocol is served under /v2, JSON cases and CSV at POST /predict, metrics at /metrics.' +
        '\nSIGHUP loads the models anew; SIGTERM answers what has been asked, and ends.' +
        '\n\nExamples:' +
        '\n  $ primal-attention serve --model runs/vowels' +
        '\n  $ primal-attention serve --model vowels=runs/a,gestures=runs/b --port 9000 --token secret.txt',
    )
    .action(serve);
}
