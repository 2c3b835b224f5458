// npm run bench: GFLOP/s of the kernels, per cent of the roofline, and tfjs's own ops beside them in the same run.

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { info, init } from '../src/index.js';
import { attentionRows } from './attention.js';
import { matMulRows } from './matmul.js';
import { timeInTurn } from './measure.js';
import { roofline } from './roofline.js';
import type { Result, Row } from './rows.js';

const usage = `npm run bench -- [options]
  --filter TEXT    only rows whose kernel and shape hold TEXT, such as 'matMul' or '1x8x512'
  --builds LIST    kernel builds, parted by commas; default: all that run here
  --quick          fewer repetitions
  --no-tfjs        leave tfjs's own ops out (they take most of the time)
  --json           one JSON document on standard output`;

const { values: options } = parseArgs({
  options: {
    filter: { type: 'string', default: '' },
    builds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'no-tfjs': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(usage);
  process.exit(0);
}

const { build: best } = await init();
const builds = options.builds?.split(',') ?? (best === 'relaxed' ? ['simd', 'relaxed'] : ['simd']);
const rows = [...attentionRows, ...matMulRows].filter(({ kernel, shape }) =>
  `${kernel} ${shape}`.includes(options.filter),
);
if (rows.length === 0) throw new Error(`--filter was '${options.filter}'; no row matches it`);
const budget = options.quick ? 300 : 1500;
const roofs = new Map(builds.map((build) => [build, roofline(build)]));

/** Times one row on all builds; tfjs's ops in between, with their own kernels. */
async function measure(row: Row): Promise<Result[]> {
  const { ours, tfjs, dispose } = row.prepare();
  const results: Result[] = [];
  for (const build of builds) {
    await init({ relaxedSimd: build === 'relaxed' });
    const [{ median, quartiles }] = timeInTurn([ours], budget);
    const gflops = row.flops / median / 1e6;
    const share = gflops / roofs.get(build)!;
    results.push({ kernel: row.kernel, shape: row.shape, build, milliseconds: median, quartiles, gflops, roofline: share });
  }
  if (tfjs && !options['no-tfjs']) {
    await init({ acceleration: false });
    const [{ median }] = timeInTurn([tfjs], budget);
    for (const result of results) {
      const ratio = median / result.milliseconds;
      result.tfjs = { milliseconds: median, gflops: row.flops / median / 1e6, ratio };
    }
  }
  await init();
  dispose();
  return results;
}

const machine = { cpu: cpus()[0].model, node: process.version, v8: process.versions.v8, tfjs: info().tfjs, threads: 1 };
const log = options.json ? console.error : console.log;
log(`${machine.cpu}, Node ${machine.node}, V8 ${machine.v8}, tfjs ${machine.tfjs}, ${machine.threads} thread`);
for (const [build, gflops] of roofs) log(`roofline, ${build} build: ${gflops.toFixed(1)} GFLOP/s`);
log(
  `\n${'kernel'.padEnd(27)}${'shape'.padEnd(26)}${'build'.padEnd(9)}` +
    `${'ms (quartiles)'.padStart(24)}${'GFLOP/s'.padStart(9)}${'roof'.padStart(6)}${'tfjs'.padStart(7)}${'ratio'.padStart(8)}`,
);

const results: Result[] = [];
for (const row of rows) {
  for (const result of await measure(row)) {
    results.push(result);
    const { kernel, shape, build, milliseconds, quartiles, gflops, roofline: share, tfjs } = result;
    const time = `${milliseconds.toFixed(2)} (${quartiles.map((quartile) => quartile.toFixed(2)).join('-')})`;
    log(
      `${kernel.padEnd(27)}${shape.padEnd(26)}${build.padEnd(9)}${time.padStart(24)}${gflops.toFixed(1).padStart(9)}` +
        `${`${Math.round(100 * share)}%`.padStart(6)}` +
        (tfjs ? `${tfjs.gflops.toFixed(1).padStart(7)}${`${tfjs.ratio.toFixed(1)}x`.padStart(8)}` : ''),
    );
  }
}
if (options.json) console.log(JSON.stringify({ machine, roofline: Object.fromEntries(roofs), results }, null, 2));
