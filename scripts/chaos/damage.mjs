import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataset } from '../../dist/data/loadDataset.js';
import { fitRun } from '../../dist/experiments/fitRun.js';
import { keepRun } from '../../dist/experiments/keepRun.js';
import { prepareRun } from '../../dist/experiments/prepareRun.js';
import { init } from '../../dist/ops/init.js';
import { load } from '../../dist/training/load.js';
import { outcomeOf, plan, start, trainArguments } from './run.mjs';

/** Bits that are flipped in each file, spread evenly, one at a time. */
const BITS = 8;

/** A folder of a run that was stopped in its last epoch, so that little is left to do. */
async function stopped(folder) {
  const path = join(folder, 'stopped');
  const { child, ended } = start(trainArguments(path));
  child.stderr.on('data', (text) => text.includes(`epoch ${plan.epochs - 2}/`) && child.kill('SIGINT'));
  const { status, stderr } = await ended;
  if (status !== 130) throw new Error(`a run that was to be stopped ended with status ${status}: ${stderr}`);
  return path;
}

/** Resumes the run in this process; its warnings, and its error if it fails. */
async function resume(path, dataset) {
  const warnings = [];
  const run = prepareRun(dataset, plan);
  try {
    const options = { folder: path, resume: true, onWarning: (text) => warnings.push(text) };
    const history = await fitRun(run, run.parts.validation, options);
    await keepRun(run, dataset.name, path, history);
    return { warnings };
  } catch (error) {
    return { warnings, error };
  } finally {
    run.model.dispose();
  }
}

const filesOf = (path) => readdirSync(path, { recursive: true }).filter((name) => statSync(join(path, name)).isFile());

/**
 * Damages copies of the folder of a run and of a model, one file at a time.
 *
 * @returns rows of the table
 */
export async function damage({ folder, expected, complete, say, short }) {
  await init({ wide: false });
  const dataset = await loadDataset(plan.data);
  const begun = await stopped(folder);
  const copy = join(folder, 'damaged');
  const withoutPrint = JSON.stringify({ ...JSON.parse(expected), printed: '' });

  /** Tries the run with one file changed; why it did not go as it should, if so. */
  async function tryRun(from, file, change) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(from, copy, { recursive: true });
    change(join(copy, file));
    const { warnings, error } = await resume(copy, dataset);
    const isNamed = [...warnings, error?.message ?? ''].some(
      (text) => text.includes(file) || text.includes('SHA256SUMS'),
    );
    if (!isNamed) return `nothing was said of ${file}`;
    const isLast = file.startsWith('checkpoints/last/');
    if (error) return isLast ? `the checkpoint before was not used: ${error.message}` : undefined;
    return outcomeOf(copy) === withoutPrint ? undefined : 'another outcome';
  }

  const failures = { cut: [], flipped: [], model: [] };
  const tries = { cut: 0, flipped: 0, model: 0 };
  const note = (kind, what, reason) => {
    tries[kind]++;
    if (reason !== undefined) failures[kind].push(`${what}: ${reason}`);
  };

  const step = short ? 50 : 1;
  for (const file of filesOf(begun).filter((name) => name.startsWith('checkpoints/last/'))) {
    const { size } = statSync(join(begun, file));
    for (let percent = 0; percent < 100; percent += step) {
      const reason = await tryRun(begun, file, (path) => truncateSync(path, Math.floor((size * percent) / 100)));
      note('cut', `${file} cut at ${percent} %`, reason);
    }
  }
  say('checkpoints were cut off');
  const flip = (bytes, bit) => bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  const flips = (from, file) => {
    const bytes = readFileSync(join(from, file));
    const count = short ? 1 : BITS;
    const bits = Array.from({ length: count }, (_, index) => Math.floor(((index + 0.5) * 8 * bytes.length) / count));
    return bits.map((bit) => ({ bit, flipped: flip(bytes, bit) }));
  };
  // The report and what is behind it exist in a complete run only; a copy of its best model is not read by a run.
  const places = [
    ...filesOf(begun).map((file) => [begun, file]),
    ...filesOf(complete)
      .filter((file) => file === 'report.html')
      .map((file) => [complete, file]),
  ].filter(([, file]) => !file.startsWith('checkpoints/previous/'));
  for (const [from, file] of places) {
    for (const { bit, flipped } of flips(from, file)) {
      note('flipped', `${file}, bit ${bit}`, await tryRun(from, file, (path) => writeFileSync(path, flipped)));
    }
  }
  say('bits of a run were flipped');
  for (const model of ['', 'checkpoints/last', 'checkpoints/previous', 'checkpoints/best']) {
    for (const file of readdirSync(join(complete, model)).filter((name) => /^model\.json$|\.bin$/.test(name))) {
      for (const { bit, flipped } of flips(join(complete, model), file)) {
        rmSync(copy, { recursive: true, force: true });
        cpSync(join(complete, model), copy, { recursive: true });
        writeFileSync(join(copy, file), flipped);
        const reason = await load(copy).then(
          () => 'it was loaded',
          ({ message }) => (message.includes(file) ? undefined : `the error does not name it: ${message}`),
        );
        note('model', `${model}/${file}, bit ${bit}`, reason);
      }
    }
  }
  const row = (kind, what, outcome) => ({ what, tries: tries[kind], outcome, failures: failures[kind] });
  return [
    row('cut', `last checkpoint cut off at every ${step} %`, 'file named; the checkpoint before used, bit for bit'),
    row('flipped', 'a flipped bit in each file of a run', 'file named; error, or mended, bit for bit'),
    row('model', 'a flipped bit in each file of a model', 'error that names the file'),
  ];
}
