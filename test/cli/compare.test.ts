import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCommand, writeSlopes, small } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();

const compare = (...args: string[]) => runCommand(folder, ['compare', ...args, ...small]);

interface Run {
  data: string;
  form: string;
  seed: number;
  parameters: number;
  seconds: number;
  testAccuracy: { last: number; validation: number | null; best: number };
}

interface Document {
  results: Run[];
  summary: { data: string; form: string; runs: number; testAccuracy: Record<string, { mean: number; std: number }> }[];
  tests: { form: string; baseline: string; at: string; pairs: number }[];
  failed: { data: string; form: string; seed: number; error: string }[];
  best: { data: string; folder: string; testAccuracy: number }[];
  report: string;
}

async function writeSet(name: string, train: number, test: number): Promise<void> {
  await mkdir(join(folder, name));
  await writeSlopes(join(folder, name), train, test, name);
}

beforeAll(async () => {
  await writeSet('Slopes', 32, 14);
  await writeSet('Few', 2, 4); // one case of each class, so no validation part
});

const gone = (pid: number) => {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
};
const processes = (stderr: string) => [...stderr.matchAll(/started \(process (\d+)\)/g)].map(([, pid]) => Number(pid));

describe('compare', () => {
  const args = ['--data', 'Slopes', '--forms', 'softmax,bn+sh', '--seeds', '2', '--epochs', '3', '--output', 'first'];

  it('gives runs, summary, report and best model, and does nothing twice', async () => {
    const first = await compare(...args, '--json', '--learning-rate', '0.02');
    expect(first.status).toBe(0);
    const document = JSON.parse(first.stdout) as Document;
    expect(document.results.map(({ data, form, seed }) => [data, form, seed])).toEqual([
      ['Slopes', 'softmax', 0],
      ['Slopes', 'bn+sh', 0],
      ['Slopes', 'softmax', 1],
      ['Slopes', 'bn+sh', 1],
    ]);
    for (const { parameters, seconds, testAccuracy } of document.results) {
      expect(parameters).toBeGreaterThan(100);
      expect(seconds).toBeGreaterThan(0);
      const { last, validation, best } = testAccuracy;
      for (const accuracy of [last, validation!, best]) expect(Number.isInteger(Math.fround(14 * accuracy))).toBe(true);
      expect(best).toBeGreaterThanOrEqual(Math.max(last, validation!));
    }
    const lasts = [0, 2].map((index) => document.results[index].testAccuracy.last);
    expect(document.summary).toMatchObject([
      { data: 'Slopes', form: 'softmax', runs: 2 },
      { data: 'Slopes', form: 'bn+sh', runs: 2 },
    ]);
    expect(document.summary[0].testAccuracy.last.mean).toBeCloseTo((lasts[0] + lasts[1]) / 2, 12);
    expect(document.summary[0].testAccuracy.last.std).toBeCloseTo(Math.abs(lasts[0] - lasts[1]) / Math.SQRT2, 12);
    expect(document.tests).toMatchObject([
      { form: 'bn+sh', baseline: 'softmax', at: 'last', pairs: 2 },
      { form: 'bn+sh', baseline: 'softmax', at: 'validation', pairs: 2 },
    ]);
    expect(JSON.parse(await readFile(join(folder, 'first/results.json'), 'utf8'))).toEqual(document);
    const page = await readFile(join(folder, document.report), 'utf8');
    expect(page.match(/<svg/g)?.length).toBe(2);
    expect(page).toContain('bn+sh minus softmax');

    const [best] = document.best;
    const evaluated = await runCommand(folder, ['evaluate', '--model', best.folder, '--data', 'Slopes', '--json']);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ data: 'Slopes', accuracy: best.testAccuracy });

    const again = await compare(...args, '--json', '--learning-rate', '0.02');
    expect(again.stderr).toMatch(/^4 runs, 4 already finished/m);
    expect(again.stderr).not.toContain('started');
    expect(JSON.parse(again.stdout)).toEqual(document);
  });

  it('does runs again whose settings or files are others', async () => {
    const file = join(folder, 'first/runs/Slopes-softmax-0.json');
    await writeFile(file, '{ "config": ');
    const second = await compare(...args, '--learning-rate', '0.02', '--forms', 'softmax');
    expect(second.stderr).toMatch(/^2 runs, 1 already finished/m);
    expect(second.stderr).toMatch(
      /Slopes {2}softmax {2}seed 0: running again: .*Slopes-softmax-0\.json: .*not JSON at line 1, column 13/,
    );
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ config: { form: 'softmax', epochs: 3 } });
    const third = await compare(...args, '--forms', 'softmax', '--validation', '0', '--learning-rate', '0.02');
    expect(third.stderr).toContain('running again: its settings differ (validation was 0.2, now 0)');
    expect(third.stdout).not.toContain('validation');
    expect(third.stdout).toContain('No best model');
    const fresh = await compare(
      ...args,
      '--forms',
      'softmax',
      '--validation',
      '0',
      '--learning-rate',
      '0.02',
      '--fresh',
    );
    expect(processes(fresh.stderr).length).toBe(2);
  });

  it('goes on when a run fails, and ends with status 1', async () => {
    const output = ['--output', 'second', '--epochs', '1', '--seeds', '1', '--forms', 'softmax'];
    const { status, stdout, stderr } = await compare('--data', 'Few,Slopes', ...output, '--json');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: 1 of 2 runs failed:\n {2}Few, softmax, seed 0: stratifiedSplit: no class had two/m);
    const document = JSON.parse(stdout) as Document;
    expect(document.results.map(({ data }) => data)).toEqual(['Slopes']);
    expect(document.failed).toMatchObject([{ data: 'Few', form: 'softmax', seed: 0 }]);
    expect(await readFile(join(folder, 'second/report.html'), 'utf8')).toContain('Few, softmax, seed 0 failed');
  });

  it('notices the death of a process at once', async () => {
    let killed = 0;
    const args = [
      'compare',
      '--data',
      'Slopes',
      '--forms',
      'softmax,bn',
      '--seeds',
      '1',
      '--output',
      'third',
      ...small,
    ];
    const { status, stderr } = await runCommand(folder, args, (text) => {
      const [pid] = processes(text);
      if (!pid || killed) return;
      killed = pid;
      process.kill(pid, 'SIGKILL');
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/seed 0: failed: its process died \(SIGKILL\)/);
    expect(stderr).toMatch(/1 of 2 runs failed/);
    expect((await readdir(join(folder, 'third/runs'))).filter((name) => name.endsWith('.json')).length).toBe(1);
  });

  it('ends its processes on Ctrl-C, keeps what is done, and goes on from there', async () => {
    const args = ['compare', '--data', 'Slopes', '--forms', 'softmax', '--seeds', '3', '--epochs', '2', '--jobs', '1'];
    const output = ['--output', 'fourth', ...small];
    const stopped = await runCommand(folder, [...args, ...output], (text, child) => {
      if (processes(text).length < 2 || child.killed) return;
      child.kill('SIGINT');
      child.kill('SIGINT'); // as npm does
    });
    expect(stopped.status).toBe(130);
    expect(stopped.stderr).toMatch(/^error: interrupted; finished runs are in fourth/m);
    expect(processes(stopped.stderr).every(gone)).toBe(true);
    const finished = await runCommand(folder, [...args, ...output]);
    expect(finished.status).toBe(0);
    expect(finished.stderr).toMatch(/^3 runs, 1 already finished/m);
  });

  it('divides the cores, unless it is told how', async () => {
    const args = ['--data', 'Slopes', '--forms', 'softmax', '--epochs', '1', '--output', 'fifth', '--fresh'];
    const given = await compare(...args, '--seeds', '2', '--jobs', '3', '--threads', '2');
    expect(given.stderr).toMatch(/2 processes with 2 threads each/);
    const one = await compare(...args, '--seeds', '2', '--jobs', '1', '--threads', '1');
    expect(one.stderr).toMatch(/1 process with 1 thread each/);
    const accuracies = ({ stdout }: { stdout: string }) => / softmax .*/.exec(stdout)?.[0].split('|').slice(1, 5);
    expect(accuracies(one)).toEqual(accuracies(given));
  });

  it('takes a config file, and lets flags win', async () => {
    const config = { data: ['Slopes'], forms: ['bn'], seeds: 1, epochs: 2, validation: 0, output: 'sixth' };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    const found = await compare('--config', 'config.json', '--forms', 'sh', '--json');
    const document = JSON.parse(found.stdout) as Document & { protocol: object };
    expect(document.results).toMatchObject([{ data: 'Slopes', form: 'sh', seed: 0 }]);
    expect(document.protocol).toMatchObject({ epochs: 2, validation: 0 });
    await writeFile(join(folder, 'config.json'), '{ "form": "bn" }');
    const wrong = await compare('--config', 'config.json');
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain("config.json: a setting was 'form'");
    expect(wrong.stderr).toContain("Did you mean 'forms'?");
  });

  it('fails with status 1 and the reason', async () => {
    await mkdir(join(folder, 'copy'));
    await writeSlopes(join(folder, 'copy'), 8, 8);
    const twice = await compare('--data', 'Slopes,copy');
    expect(twice).toMatchObject({ status: 1, stdout: '' });
    expect(twice.stderr).toContain('copy: a data set named Slopes is already in the comparison');
    const blocked = await compare('--data', 'Slopes', '--output', 'Slopes/Slopes_TEST.ts');
    expect(blocked).toMatchObject({ status: 1, stdout: '' });
    expect(blocked.stderr).toMatch(/^error: .*Slopes_TEST\.ts: is a file; it must be a folder/m);
  });

  it.each([
    [['--data', 'Slopes', '--forms', 'softmax,bn+hs'], "'bn+hs' must be one of softmax, linear"],
    [['--data', 'Slopes', '--forms', 'bn+hs'], "Did you mean 'bn+sh'?"],
    [['--data', 'JapaneseVowel'], "Did you mean 'JapaneseVowels'?"],
    [['--data', 'Slopes,'], 'A name is missing; names are separated by single commas.'],
    [['--data', 'Slopes', '--forms', 'bn,bn'], "'bn' was given twice."],
    [['--data', 'Slopes', '--seeds', '0'], 'It must be an integer from 1 to 10000.'],
    [['--data', 'Slopes', '--validation', '1'], 'It must be 0 or more and below 1.'],
    [['--data', 'Slopes', '--schedule', 'flat'], 'It must be one of constant, cosine, step.'],
    [['--data', 'Slopes', '--seed', '3'], 'Did you mean --seeds?'],
    [['--data', 'Slopes', '--heads', '3'], '--heads was 3; it must divide --width'],
    [[], "required option '--data <names or folders>' not specified"],
  ])('%j is wrong use: status 2 and the reason', async (args, reason) => {
    const { status, stdout, stderr } = await runCommand(folder, ['compare', ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(reason);
  });
});
