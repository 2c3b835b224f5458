import type { ChildProcess } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { trainCommand } from '../../src/cli/train.js';
import { UsageError } from '../../src/cli/usageError.js';
import { UnknownNameError } from '../../src/checks/unknownNameError.js';
import { runCommand, writeSlopes, small } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const run = (...args: string[]) => runCommand(folder, args);
const train = (...args: string[]) => run('train', '--data', '.', ...small, ...args);
const text = (...path: string[]) => readFile(join(folder, ...path), 'utf8');

beforeAll(async () => {
  await writeSlopes(folder, 96, 14);
});

/** The error of a command line, which is one that ends with status 2. */
async function wrongUse(...args: string[]): Promise<Error> {
  const command = trainCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  const all = ['--data', folder, ...small, ...args];
  const error = await command.parseAsync(all, { from: 'user' }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect([CommanderError, UsageError, UnknownNameError].some((kind) => error instanceof kind)).toBe(true);
  return error as Error;
}

/** The bytes of all weights in a folder, and of the optimizer's moments where they are kept. */
async function weights(...path: string[]): Promise<Buffer> {
  const [name] = (await readdir(join(folder, ...path))).filter((file) => file.endsWith('.bin'));
  return readFile(join(folder, ...path, name));
}

describe('train', () => {
  it('keeps the run in a folder, and chooses an epoch on the validation part', async () => {
    const args = ['--epochs', '4', '--validation', '0.25', '--learning-rate', '0.02', '--json', '--output', 'whole'];
    const { status, stdout, stderr } = await train(...args);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const result = JSON.parse(stdout) as {
      testAccuracy: { last: number; validation: number };
      bestEpoch: number;
      history: { validation: { loss: number; accuracy: number } }[];
    };
    expect(stderr).toContain('Slopes: 72 training, 24 validation, 14 test cases, 2 classes');
    expect(stderr).toMatch(/^epoch 1\/4 .* validation loss .* samples\/s \| \d+\.\d GFLOP\/s$/m);
    const files = [
      'SHA256SUMS',
      'checkpoints',
      'config.json',
      'metrics.jsonl',
      'model.json',
      'report.html',
      'weights.bin',
    ];
    expect((await readdir(join(folder, 'whole'))).sort()).toEqual(files);
    const accuracies = result.history.map(({ validation }) => validation.accuracy);
    expect(accuracies[result.bestEpoch - 1]).toBe(Math.max(...accuracies));
    const evaluations = ['whole', 'whole/checkpoints/last', 'whole/checkpoints/best'].map(async (model) => {
      const evaluated = await run('evaluate', '--model', model, '--data', '.', '--json');
      return (JSON.parse(evaluated.stdout) as { accuracy: number }).accuracy;
    });
    const { last, validation } = result.testAccuracy;
    expect(await Promise.all(evaluations)).toEqual([last, last, validation]);
    const report = await text('whole', 'report.html');
    for (const part of ['<svg', 'Confusion matrix, test part', 'Confusion matrix, validation part', 'learningRate']) {
      expect(report).toContain(part);
    }
  });

  it('takes settings from a file, in which flags win, and repeats the run from its config.json', async () => {
    const config = { epochs: 1, batchSize: 16, heads: 2, width: 8, feedForward: 8, layers: 1, clipNorm: null };
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, classWeights: [1, 2] }));
    const args = ['train', '--config', 'config.json', '--data', '.', '--batch-size', '32', '--optimizer', 'sgd'];
    const first = await run(...args, '--output', 'first', '--quiet');
    expect(first).toMatchObject({ status: 0, stderr: '' });
    const used = JSON.parse(await text('first', 'config.json')) as object;
    expect(used).toMatchObject({ ...config, batchSize: 32, optimizer: 'sgd', classWeights: [1, 2], momentum: 0.9 });
    await run('train', '--config', 'first/config.json', '--output', 'second');
    expect(await weights('second')).toEqual(await weights('first'));
    expect(await text('second', 'config.json')).toBe(await text('first', 'config.json'));
  });

  it.each([
    ['{ "epoch": 3 }', "bad.json: a setting was 'epoch'; it must be one of data, form, output, epochs,", 'epochs'],
    ['{ "epochs": 0 }', 'bad.json: epochs was 0. It must be an integer, 1 or more.'],
    ['{ "epochs": true }', 'bad.json: epochs was true; it must be a number or a string'],
    ['{ "output": true }', 'bad.json: output was true; it must be a number or a string'],
    ['{ "schedule": "linear" }', 'bad.json: schedule was "linear". It must be one of constant, cosine, step.'],
    ['{ "restoreBestWeights": 1 }', 'bad.json: restoreBestWeights was 1; it must be true or false'],
    ['{ "resume": true }', "bad.json: a setting was 'resume'"],
    ['[1]', 'bad.json: must contain one object'],
    ['{ "epochs": 3', 'bad.json: not JSON'],
  ])('says what is wrong with a config file: %s', async (content, reason, nearest?: string) => {
    await writeFile(join(folder, 'bad.json'), content);
    const error = await wrongUse('--config', join(folder, 'bad.json'));
    expect(error.message).toContain(reason);
    if (nearest !== undefined) expect(error.message).toContain(`Did you mean '${nearest}'?`);
  });

  it.each([
    [['--patience', '2'], '--patience was 2 without --validation; give that too'],
    [['--restore-best-weights'], '--restore-best-weights was true without --validation; give that too'],
    [['--momentum', '0.5'], "--momentum was 0.5 for 'rAdam'; only 'sgd' takes it"],
    [['--epochs', '2', '--warmup-epochs', '2'], '--warmup-epochs was 2; it must be below --epochs, 2'],
    [['--shift', '1'], '--shift was 1 for series; only images take it'],
    [['--heads', '3'], '--heads was 3; it must divide --width, 8'],
    [['--optimizer', 'adam'], 'It must be one of adamW, rAdam, sgd.'],
    [['--class-weights', 'even'], "It must be 'balanced', or a number, 0 or more, for each class"],
    [['--clip-norm', '0'], "It must be above 0, or 'none'."],
  ])('%j does not go', async (args, reason) => {
    expect((await wrongUse(...args)).message).toContain(reason);
  });
});

describe('train that is ended', () => {
  const long = ['--epochs', '6', '--validation', '0.25', '--restore-best-weights'];

  /** Sends a signal to a run when epoch 2 is done. */
  async function end(output: string, signal: NodeJS.Signals) {
    let sent = false;
    const onText = (stderr: string, child: ChildProcess) => {
      if (sent || !stderr.includes('epoch 2/6')) return;
      sent = child.kill(signal);
    };
    return runCommand(folder, ['train', '--data', '.', ...small, ...long, '--output', output], onText);
  }

  beforeAll(async () => {
    const { status } = await train(...long, '--output', 'at once');
    expect(status).toBe(0);
  });

  /** That a run in a folder comes to the same end as the one that was not ended. */
  async function expectSameEnd(output: string): Promise<void> {
    const { status, stderr } = await run('train', '--resume', '--output', output);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    for (const part of ['', 'checkpoints/last', 'checkpoints/best']) {
      expect(await weights(output, part), part).toEqual(await weights('at once', part));
    }
    const epochs = await Promise.all(
      ['at once', output].map(async (path) =>
        (await text(path, 'metrics.jsonl'))
          .trimEnd()
          .split('\n')
          .map((line) => ({ ...(JSON.parse(line) as object), seconds: 0, samplesPerSecond: 0 })),
      ),
    );
    expect(epochs[0].length).toBe(6);
    expect(epochs[1]).toEqual(epochs[0]);
  }

  it('by SIGKILL goes on from its last epoch, bit for bit', async () => {
    const { status, stdout } = await end('killed', 'SIGKILL');
    expect({ status, stdout }).toEqual({ status: null, stdout: '' });
    const again = await train(...long, '--output', 'killed');
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(
      /error: killed: holds a run that ended after epoch \d of 6; resume it, or choose another/,
    );
    await expectSameEnd('killed');
  });

  it('by Ctrl-C keeps all batches, says how to go on, and does, bit for bit', async () => {
    const { status, stdout, stderr } = await end('interrupted', 'SIGINT');
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    expect(stderr).toMatch(
      /error: interrupted after \d of 6 epochs; continue with: primal-attention train --resume --output interrupted\n$/,
    );
    const wrong = await run('train', '--resume', '--output', 'interrupted', '--learning-rate', '0.5');
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain('learningRate was 0.5; it must be 0.001, as when the run began');
    await expectSameEnd('interrupted');
  });
});
