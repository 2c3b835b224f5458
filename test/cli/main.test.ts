import { beforeAll, describe, expect, it } from 'vitest';
import { runCommand, writeSlopes, small } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const run = (...args: string[]) => runCommand(folder, args);

beforeAll(async () => {
  await writeSlopes(folder, 32, 14);
});

describe('train and evaluate', () => {
  it('print one JSON document each, and agree', async () => {
    const args = ['train', '--data', '.', '--epochs', '4', '--seed', '3', '--learning-rate', '0.02', '--json'];
    const trained = await run(...args, ...small);
    expect(trained.status).toBe(0);
    const result = JSON.parse(trained.stdout) as Record<string, unknown> & { history: { loss: number }[] };
    expect(result).toMatchObject({
      data: 'Slopes',
      form: 'softmax',
      seed: 3,
      epochs: 4,
      output: 'runs/Slopes-softmax-3',
    });
    expect(result.history.length).toBe(4);
    expect(result.history[3].loss).toBeLessThan(result.history[0].loss);
    expect(result.seconds).toBeGreaterThan(0);
    expect(trained.stderr.match(/^epoch \d\/4 /gm)?.length).toBe(4);

    const evaluated = await run('evaluate', '--model', 'runs/Slopes-softmax-3', '--data', '.', '--json');
    expect(evaluated.status).toBe(0);
    expect(evaluated.stderr).toMatch(/^(relaxed|wide)(-shared)? build\n.*, training part: .*\n.*, test part: .*\n$/);
    const { accuracy, ...rest } = JSON.parse(evaluated.stdout) as { accuracy: number };
    expect({ last: accuracy }).toEqual(result.testAccuracy);
    expect(rest).toMatchObject({ data: 'Slopes', form: 'softmax', cases: 14, model: 'runs/Slopes-softmax-3' });

    const bytes = await run(
      'evaluate',
      '--model',
      'runs/Slopes-softmax-3',
      '--data',
      '.',
      '--precision',
      'int8',
      '--json',
    );
    expect(bytes.stderr).toMatch(/\nthe predict runtime, products by i\w+\.\w+\n$/);
    expect(JSON.parse(bytes.stdout)).toMatchObject({ accuracy, precision: 'int8', cases: 14 });
  });

  it('give the result in words, in the folder asked for, and nothing else if quiet', async () => {
    const trained = await run('train', '--data', '.', '--epochs', '1', '--output', 'mine', '--quiet', ...small);
    expect(trained).toMatchObject({ status: 0, stderr: '' });
    expect(trained.stdout).toMatch(
      /^Test accuracy +\d+\.\d\d % \(14 cases, after the last epoch\)\nSpeed .*\nReport +mine\/report\.html\nModel +mine\n$/,
    );
    const evaluated = await run('evaluate', '--model', 'mine', '--data', '.');
    expect(evaluated.stdout).toMatch(/^Test accuracy +\d+\.\d\d % \(14 cases of Slopes\)\n/);
  });

  it('fail with status 1 and the reason', async () => {
    const missing = await run('evaluate', '--model', 'none', '--data', '.');
    expect(missing).toMatchObject({ status: 1, stdout: '' });
    expect(missing.stderr).toMatch(/^error: .*none.model\.json/m);
    const blocked = await run('train', '--data', '.', '--output', 'Slopes_TEST.ts', ...small);
    expect(blocked).toMatchObject({ status: 1, stdout: '' });
    expect(blocked.stderr).toMatch(/^error: Slopes_TEST\.ts: .*it must be a folder \((EEXIST|ENOTDIR)\)/m);
  });
});

describe('info', () => {
  it('shows what the kernels run on', async () => {
    const { status, stdout } = await run('info', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ simd: true, tfjs: '4.22.0', node: process.version });
  });
});

describe('wrong use', () => {
  it.each([
    [['train', '--data', 'JapaneseVowel'], "Did you mean 'JapaneseVowels'?"],
    [
      ['train', '--data', '.', '--form', 'softmx'],
      "argument 'softmx' is invalid. It must be one of softmax, linear, window, bn, sh, bn+sh, linear+bn, linear+sh, linear+bn+sh, " +
        "window+bn, window+sh, window+bn+sh, bn-beta, sh-layers, bn-beta+sh, bn+sh-layers, bn-beta+sh-layers. Did you mean 'softmax'?",
    ],
    [['train', '--data', '.', '--epochs', '0'], 'It must be an integer, 1 or more.'],
    [['train', '--data', '.', '--epochs', '2.5'], 'It must be an integer, 1 or more.'],
    [['train', '--data', '.', '--dropout', '1'], 'It must be 0 or more and below 1.'],
    [['train', '--data', '.', '--heads', '3'], '--heads was 3; it must divide --width, 128'],
    [['train', '--data', '.', '--schedule', 'linear'], 'It must be one of constant, cosine, step.'],
    [['train', '--data', '.', '--epoch', '3'], 'Did you mean --epochs?'],
    [['train'], "required option '--data <name or folder>' not specified"],
    [['tran'], 'Did you mean train?'],
    [[], 'Usage: primal-attention'],
  ])('%j ends with status 2 and says why', async (args, reason) => {
    const { status, stdout, stderr } = await run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(reason);
  });

  it('is not asking for help or the version', async () => {
    const help = await run('train', '--help');
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toContain('--learning-rate');
    const version = await run('--version');
    expect(version).toMatchObject({ status: 0, stderr: '' });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
