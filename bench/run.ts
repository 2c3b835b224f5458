// npm run bench: the kernels' speed, or with --curves what each form of attention costs as sequences and heads grow.

import { parseArgs } from 'node:util';
import { init } from '../src/index.js';
import { benchCurves } from './curves.js';
import { machine, type Settings } from './settings.js';
import { benchRows } from './table.js';

const usage = `npm run bench -- [options]
  --filter WORDS   only rows whose kernel, pass and shape hold all these words, such as 'matMul' or 'linear 1x8x4096'
  --builds LIST    kernel builds, parted by commas; default: all that run here, for --curves the fastest
  --curves         time, arithmetic and memory of the forms of attention against length and width
  --out DIR        folder for the files of --curves; default runs/bench
  --quick          fewer repetitions, and shorter curves
  --no-tfjs        leave tfjs's own ops out (they take most of the time)
  --json           one JSON document on standard output`;

const { values: options } = parseArgs({
  options: {
    filter: { type: 'string', default: '' },
    builds: { type: 'string' },
    curves: { type: 'boolean', default: false },
    out: { type: 'string', default: 'runs/bench' },
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
const runnable = best === 'relaxed' ? ['simd', 'relaxed'] : ['simd'];
const builds = options.builds?.split(',') ?? runnable;
for (const build of builds) {
  if (!runnable.includes(build)) throw new Error(`--builds held '${build}'; it must be among ${runnable.join(', ')}`);
}
const settings: Settings = {
  filter: options.filter,
  builds,
  quick: options.quick,
  tfjs: !options['no-tfjs'],
  effort: options.quick ? { budget: 300, rounds: 3 } : { budget: 1500, rounds: 5 },
  out: options.out,
  log: options.json ? console.error : console.log,
};

const host = machine();
settings.log(`${host.cpu}, Node ${host.node}, V8 ${host.v8}, tfjs ${host.tfjs}, ${host.threads} thread`);
const document = await (options.curves ? benchCurves(settings) : benchRows(settings));
if (options.json) console.log(JSON.stringify({ machine: host, ...document }, null, 2));
