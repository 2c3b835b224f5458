// Gives malformed files, folders, archives, models, configurations and flags to the command line, in this process, until
// enough of them were refused: `npm run fuzz:inputs -- [--inputs 1000] [--seed 0] [--keep]`. Each must be refused with
// status 1 or 2 and one clear line, without touching anything but its own folder, in bounded memory.
//
// Guided by coverage: an input that reaches a block of code that none reached before is changed further. The corpus in
// test/fuzz/corpus is tried first; --keep adds what was found to it. (Jazzer.js would be the usual fuzzer: the add-on that it
// comes with needs a newer glibc than Debian 12's. V8's own counts of blocks do without an add-on.)
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { disposeVariables } from '@tensorflow/tfjs-core';
import { uniform } from '../dist/random.js';
import { run } from '../dist/cli/run.js';
import { init } from '../dist/ops/init.js';
import { Coverage } from './fuzzInputs/coverage.mjs';
import { faultIn } from './fuzzInputs/judge.mjs';
import { saveModels } from './fuzzInputs/models.mjs';
import { Mutator } from './fuzzInputs/mutate.mjs';
import { ACCEPTED, empty, makeTargets, startServer } from './fuzzInputs/targets.mjs';
import { readOptions } from './options.mjs';

const corpus = fileURLToPath(new URL('../test/fuzz/corpus/', import.meta.url));
const found = fileURLToPath(new URL('../build/fuzz/', import.meta.url));

/** Bounds for a single input: of memory beyond that at the start, and of time on the processor. */
const MOST_MEGABYTES = 1000;
const MOST_SECONDS = 20;
/** Largest input that the corpus keeps. */
const KEPT_BYTES = 1500;

/** Runs a command line in this process; what it writes does not reach the terminal. */
async function runCaptured(args) {
  const { stdout, stderr } = process;
  const writes = [stdout.write, stderr.write];
  let text = '';
  stdout.write = () => true;
  stderr.write = (chunk) => {
    text += chunk;
    return true;
  };
  try {
    return { status: await run(args), stderr: text };
  } catch (error) {
    return { status: 'an exception', stderr: error.stack };
  } finally {
    [stdout.write, stderr.write] = writes;
    disposeVariables();
  }
}

/** Every file below a folder with its size and time. */
const listing = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    })
    .join('\n');

const { inputs, seed, keep } = readOptions(
  'npm run fuzz:inputs -- [--inputs 1000] [--seed 0] [--keep]',
  { inputs: [1000, 1], seed: [0, 0] },
  { keep: { type: 'boolean', default: false } },
);
setFlagsFromString(`--max-old-space-size=${MOST_MEGABYTES}`);
const root = mkdtempSync(join(tmpdir(), 'primal-attention-fuzz-'));
const [kept, work] = [join(root, 'kept'), join(root, 'work')];
await mkdir(work, { recursive: true });
process.chdir(work);
await init({ wide: false, threads: 1 });
const { models, sealed, plain } = await saveModels(kept);
const server = await startServer();
const targets = await makeTargets({ models, modelFiles: plain, readModel: (name) => sealed[name], server });
const mutator = new Mutator(uniform(seed));
const coverage = new Coverage();
await coverage.start();
const before = listing(kept);
const own = ['data', 'cases', 'log.csv', 'config.json', 'model', 'cache', 'out'];
const startMegabytes = process.memoryUsage().rss / 2 ** 20;

const failures = [];
const counts = new Map(targets.map(({ name }) => [name, { tried: 0, refused: 0, kept: 0 }]));

/** Tries an input; whether it reached something new, and was refused. */
async function tryInput(target, input) {
  await empty(work);
  const args = [...(await target.command(input, work)), '--threads', '1', '--wide', 'off'];
  const begin = process.cpuUsage();
  const outcome = await runCaptured(args);
  const { user, system } = process.cpuUsage(begin);
  const megabytes = process.memoryUsage().rss / 2 ** 20 - startMegabytes;
  const stray = [
    ...readdirSync(work).filter((name) => !own.includes(name)),
    ...(existsSync(join(work, 'cache')) ? readdirSync(join(work, 'cache')).filter((name) => name !== 'Set') : []),
    ...readdirSync(root).filter((name) => !['kept', 'work'].includes(name)),
    ...['/tmp/Set_TEST.ts', '/Set_TEST.ts'].filter(existsSync),
  ];
  const fault =
    faultIn(outcome) ??
    (stray.length > 0 || listing(kept) !== before ? `it wrote elsewhere: ${stray.join(', ')}` : undefined) ??
    (Object.keys(Object.prototype).length > 0 ? 'it changed the prototype of all objects' : undefined) ??
    (megabytes > MOST_MEGABYTES ? `it took ${megabytes.toFixed(0)} MB` : undefined) ??
    ((user + system) / 1e6 > MOST_SECONDS ? `it took ${(user + system) / 1e6} s` : undefined);
  const count = counts.get(target.name);
  count.tried++;
  const isRefused = outcome.status !== 0 && !ACCEPTED.test(outcome.stderr);
  if (isRefused) count.refused++;
  if (fault !== undefined) {
    const file = join(found, createHash('sha256').update(input).digest('hex').slice(0, 12));
    await mkdir(found, { recursive: true });
    await writeFile(file, input);
    failures.push(
      `${target.name}: ${fault.trim()}\n  input: ${file}\n  command: ${JSON.stringify(args).slice(0, 500)}`,
    );
  }
  return { isNew: (await coverage.newBlocks()) > 0, isRefused };
}

const folderOf = ({ name }) => join(corpus, name.replaceAll(/[ .]/g, '-'));
const pools = new Map();
for (const target of targets) {
  const folder = folderOf(target);
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  const pool = [...target.seeds, ...files.map((name) => readFileSync(join(folder, name)))];
  for (const [index, input] of pool.entries()) {
    const { isRefused } = await tryInput(target, input);
    if (index === 0 && isRefused && target.isValid !== false)
      failures.push(`${target.name}: the first seed must be accepted`);
  }
  pools.set(target, pool);
}
let refused = 0;
for (let index = 0; refused < inputs; index++) {
  const target = targets[index % targets.length];
  const pool = pools.get(target);
  // Late ones reached something new: they are half of the choices.
  const base = mutator.below(2) ? mutator.pick(pool) : pool[pool.length - 1 - mutator.below(Math.min(8, pool.length))];
  const input = mutator[target.mutate](base, mutator.pick(pool));
  const { isNew, isRefused } = await tryInput(target, input);
  if (isRefused) refused++;
  if (!isNew) continue;
  pool.push(input);
  if (!keep || input.length > KEPT_BYTES) continue;
  counts.get(target.name).kept++;
  await mkdir(folderOf(target), { recursive: true });
  await writeFile(join(folderOf(target), createHash('sha256').update(input).digest('hex').slice(0, 12)), input);
}
server.close();
process.chdir(tmpdir());
rmSync(root, { recursive: true, force: true });

console.log('| inputs | tried | refused |\n| --- | --: | --: |');
for (const [name, { tried, refused }] of counts) console.log(`| ${name} | ${tried} | ${refused} |`);
console.log(
  `\n${failures.length} failures; ${coverage.size} blocks of code reached; ${inputs} refused besides the corpus.`,
);
const kinds = new Map(failures.map((failure) => [failure.split('\n')[0].replaceAll(/[\d.]+|'[^']*'/g, '#'), failure]));
for (const failure of kinds.values()) console.error(`error: ${failure}`);
process.exit(failures.length > 0 ? 1 : 0);
