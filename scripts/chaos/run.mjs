// The training run that is disturbed: small, with everything in it that a run can have, on the data that comes along.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Options that the run depends on. */
export const plan = {
  ...{ data: 'JapaneseVowels', form: 'bn', seed: 1, epochs: 12, batchSize: 32, validation: 0.2, learningRate: 0.01 },
  ...{ width: 8, feedForward: 8, heads: 2, layers: 1, dropout: 0.1, restoreBestWeights: true },
};

const flags = Object.entries(plan).flatMap(([name, value]) => {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return value === true ? [flag] : [flag, `${value}`];
});

/** What one build computes is repeated bit for bit: the narrow one is everywhere. */
const always = ['--wide', 'off', '--json'];

/** Arguments of the run in a folder. */
export const trainArguments = (folder, ...more) => ['train', ...flags, ...always, '--output', folder, ...more];

/**
 * Starts a command.
 *
 * @param args its arguments
 * @returns the process, and a promise of how it ended: status, signal and what it wrote
 */
export function start(args) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => (said[stream] += text));
  }
  const ended = new Promise((resolve) => {
    child.once('close', (status, signal) => resolve({ status, signal, ...said }));
  });
  return { child, ended };
}

/** Whether a command failed as it should: status 1, one line that begins with `error:` and fits, no stack. */
export function failedClearly({ status, stderr }, pattern) {
  const errors = stderr.split('\n').filter((line) => line.startsWith('error: '));
  return status === 1 && errors.length === 1 && pattern.test(errors[0]) && !/^\s+at |node:internal/m.test(stderr);
}

const withoutTimes = (text) =>
  text
    .replace(/"(seconds|samplesPerSecond)":\s*[\d.e+-]+/g, '"$1":0')
    .replace(/"(output|report)":\s*"[^"]*"/g, '"$1":""');
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The weights that a model.json names. */
function weightsOf(folder) {
  const { weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
  return weightsManifest.flatMap(({ paths }) => paths.map((name) => digest(readFileSync(join(folder, name)))));
}

/**
 * All that a run found, but for its times: what must be the same however it was disturbed.
 *
 * @param folder of a complete run
 * @param stdout what it printed
 */
export function outcomeOf(folder, stdout = '') {
  const text = (name) => readFileSync(join(folder, name), 'utf8');
  return JSON.stringify({
    printed: withoutTimes(stdout),
    config: text('config.json'),
    metrics: withoutTimes(text('metrics.jsonl')),
    models: ['.', 'checkpoints/last', 'checkpoints/previous', 'checkpoints/best'].map((name) =>
      weightsOf(join(folder, name)),
    ),
    report: existsSync(join(folder, 'report.html')),
  });
}
