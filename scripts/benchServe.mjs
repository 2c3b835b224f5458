// Load on `primal-attention serve`: single cases of JapaneseVowels over loopback, at several numbers of connections.
// `npm run bench:serve -- [--seconds 10] [--connections 1,16,64,500] [--model DIR] [--flags "--max-delay 1"]`. Without
// --model it trains one for an epoch. `--soak 600` has the server under load for ten minutes in place of that, and shows its
// memory by tenths. Status 1 if an answer was wrong or late, or, from a minute of load on, memory grew.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { readOptions } from './options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'dist/cli/main.js');
const options = readOptions(
  'npm run bench:serve -- [--seconds 10] [--connections 1,16,64,500] [--soak S] [--model DIR] [--flags "--max-delay 1"]',
  { seconds: [10, 1], soak: [0, 0] },
  {
    connections: { type: 'string', default: '1,16,64,500' },
    model: { type: 'string' },
    flags: { type: 'string', default: '' },
  },
);
/** Milliseconds until the server gives a request up. */
const TIMEOUT = 10_000;
/** Between two looks at the server's memory. */
const LOOK_MS = 1000;
/** Seconds of load from which on memory is judged, and how much of it may come: a tenth, and 16 MB. */
const [JUDGED, SHARE, BYTES] = [60, 0.1, 16 << 20];
/** Connections of a soak. */
const SOAKED = 16;

const folder = mkdtempSync(join(tmpdir(), 'primal-attention-load-'));

/** A test case: [positions][channels], out of the .ts file, which has the channels one after the other. */
function firstCase() {
  const file = readFileSync(join(root, 'datasets/JapaneseVowels/JapaneseVowels_TEST.ts'), 'utf8');
  const line = file.slice(file.indexOf('@data')).split('\n')[1];
  const channels = line
    .split(':')
    .slice(0, -1)
    .map((channel) => channel.split(',').map(Number));
  return channels[0].map((_, t) => channels.map((channel) => channel[t]));
}

function train() {
  const model = join(folder, 'vowels');
  const data = join(root, 'datasets/JapaneseVowels');
  execFileSync(process.execPath, [main, 'train', '--data', data, '--epochs', '1', '--output', model, '--quiet'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return model;
}

async function start(model) {
  const flags = options.flags.split(' ').filter(Boolean);
  const args = ['serve', '--model', model, '--port', '0', '--timeout', `${TIMEOUT}`, ...flags];
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const url = await new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      const [, found] = /^Serving .* at (http:\S+)$/m.exec(said) ?? [];
      if (found) resolve(found);
    });
    child.once('exit', (status) => reject(new Error(`the server ended with ${status}: ${said}`)));
  });
  return { child, url };
}

async function figures(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
  return {
    resident: value('process_resident_memory_bytes'),
    heap: value('nodejs_heap_used_bytes'),
    external: value('nodejs_external_memory_bytes'),
    cpu: value('process_cpu_seconds_total'),
  };
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
const median = (values) =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

/** Loads the server with a number of connections, each of which asks again when it has its answer. */
async function load(url, connections, body, seconds = options.seconds) {
  const times = { 200: [], 503: [], others: [] };
  const memory = [];
  const before = await figures(url);
  const looks = setInterval(() => void figures(url).then((found) => memory.push(found)), LOOK_MS);
  const run = autocannon({
    ...{ url: `${url}/predict`, method: 'POST', body, connections, duration: seconds },
    ...{ headers: { 'content-type': 'application/json' }, timeout: TIMEOUT / 1000 + 1 },
  });
  run.on('response', (_, status, __, milliseconds) => (times[status] ?? times.others).push(milliseconds));
  const { duration, errors, timeouts } = await run;
  clearInterval(looks);
  const after = await figures(url);
  for (const list of Object.values(times)) list.sort((a, b) => a - b);
  const answered = times[200].length;
  return {
    ...{ connections, answered, refused: times[503].length, wrong: times.others.length + errors + timeouts },
    rate: answered / duration,
    cpu: (1e6 * (after.cpu - before.cpu)) / (answered + times[503].length),
    p50: quantile(times[200], 0.5),
    p99: quantile(times[200], 0.99),
    longest: times[200].at(-1),
    refusal: quantile(times[503], 0.99),
    memory,
  };
}

/** Median of a figure of the memory in each tenth of the time. */
function byTenths({ memory }, name) {
  const tenth = Math.max(1, memory.length / 10);
  return Array.from({ length: 10 }, (_, i) =>
    median(memory.slice(Math.floor(i * tenth), Math.floor((i + 1) * tenth)).map((found) => found[name])),
  );
}

/** Resident memory in the second tenth and in the last one. */
function growth(found) {
  const tenths = byTenths(found, 'resident').filter(Number.isFinite);
  return [tenths[Math.min(1, tenths.length - 1)], tenths.at(-1)];
}

const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(0);

/** Whether answers were wrong or late, or memory grew; says so. */
function isFault(found, seconds) {
  const [early, late] = growth(found);
  const grew = seconds >= JUDGED && late > early * (1 + SHARE) + BYTES;
  if (found.wrong === 0 && !(found.longest > TIMEOUT) && !grew) return false;
  console.log(`  ${found.wrong} answers were wrong or missing${grew ? '; memory has grown' : ''}`);
  return true;
}

async function soak(url, body) {
  const found = await load(url, SOAKED, body, options.soak);
  console.log(
    `Node ${process.version}, ${options.soak} s, ${SOAKED} connections: ${found.answered} answers, memory in MB\n`,
  );
  console.log('| minutes | resident | heap | external |');
  console.log('| ------: | -------: | ---: | -------: |');
  const columns = ['resident', 'heap', 'external'].map((name) => byTenths(found, name));
  for (let i = 0; i < 10; i++) {
    const minutes = ((options.soak / 600) * (i + 1)).toFixed(1);
    console.log(`| ${[minutes, ...columns.map((tenths) => megabytes(tenths[i]))].join(' | ')} |`);
  }
  return isFault(found, options.soak);
}

async function loads(url, body) {
  let failed = false;
  console.log(`Node ${process.version}, ${options.seconds} s each; times in ms, as the client sees them\n`);
  console.log('| connections | answers/s | p50 | p99 | longest | refused (503) | p99 of these | CPU us/request | MB |');
  console.log('| ----------: | --------: | --: | --: | ------: | ------------: | -----------: | -------------: | -: |');
  await load(url, 8, body); // warm
  for (const connections of options.connections.split(',').map(Number)) {
    const found = await load(url, connections, body);
    const ms = (time) => (Number.isFinite(time) ? time.toFixed(1) : '-');
    const cells = [
      ...[connections, found.rate.toFixed(0), ms(found.p50), ms(found.p99), ms(found.longest)],
      ...[found.refused, ms(found.refusal), found.cpu.toFixed(0), growth(found).map(megabytes).join(' to ')],
    ];
    console.log(`| ${cells.join(' | ')} |`);
    failed = isFault(found, options.seconds) || failed;
  }
  return failed;
}

const { child, url } = await start(options.model ?? train());
let failed = false;
try {
  const body = JSON.stringify({ cases: [firstCase()] });
  failed = await (options.soak > 0 ? soak(url, body) : loads(url, body));
} finally {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [status] = await ended;
  failed ||= status !== 0;
  rmSync(folder, { recursive: true });
}
process.exitCode = failed ? 1 : 0;
