// Disturbs a training run in every way that `docs/reliability.md` promises to survive, and prints a table:
// `npm run chaos -- [--kills 100] [--seed 0] [--short]`. Exit status 1 if something did not go as it should.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { damage } from './chaos/damage.mjs';
import { diskFull, nothingLost } from './chaos/disk.mjs';
import { kills } from './chaos/kills.mjs';
import { uniform } from '../dist/random.js';
import { twoProcesses } from './chaos/processes.mjs';
import { outcomeOf, start, trainArguments } from './chaos/run.mjs';
import { readOptions } from './options.mjs';

const {
  kills: count,
  seed,
  short,
} = readOptions(
  'npm run chaos -- [--kills 100] [--seed 0] [--short]',
  { kills: [100, 1], seed: [0, 0] },
  { short: { type: 'boolean', default: false } },
);
const say = (text) => console.error(text);
const folder = mkdtempSync(join(tmpdir(), 'primal-attention-chaos-'));
const rows = [];
try {
  const complete = join(folder, 'complete');
  const begin = performance.now();
  const { status, stdout, stderr } = await start(trainArguments(complete)).ended;
  if (status !== 0) throw new Error(`the undisturbed run ended with status ${status}: ${stderr}`);
  const duration = performance.now() - begin;
  const expected = outcomeOf(complete, stdout);
  const all = { folder, complete, expected, duration, random: uniform(seed), kills: count, say, short };
  rows.push(await twoProcesses(all));
  rows.push(...(await damage(all)));
  rows.push(await diskFull(all), await nothingLost(all));
  rows.push(await kills(all));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log('| what | tries | failures | outcome |\n| --- | --: | --: | --- |');
for (const { what, tries, failures, outcome } of rows) {
  console.log(`| ${what} | ${tries} | ${failures.length} | ${outcome} |`);
}
const failures = rows.flatMap(({ what, failures: reasons }) => reasons.map((reason) => `${what}: ${reason}`));
for (const failure of failures) console.error(`error: ${failure}`);
process.exit(failures.length > 0 ? 1 : 0);
