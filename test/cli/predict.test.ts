import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCommand, writeSlopes, small } from '../support/commandLine.js';
import { writeIdx } from '../support/idx.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const briefly = [...small, '--epochs', '6', '--quiet'];
const run = (...args: string[]) => runCommand(folder, args);

interface Document {
  cases: number;
  predictions: { case: number; class: string; probability: number; probabilities: Record<string, number> }[];
}

/** What `predict --json` says of a file. */
async function predict(model: string, input: string): Promise<Document> {
  const { status, stdout, stderr } = await run('predict', '--model', model, '--input', input, '--json', '--quiet');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Document;
}

/** Images of 4 x 4 pixels, bright on the left (0) or on the right (1), in turn. */
const image = (index: number) =>
  Array.from({ length: 16 }, (_, pixel) => (Math.floor((pixel % 4) / 2) === index % 2 ? 200 + index : 10));

async function writeImages(name: string, cases: number): Promise<void> {
  const all = Array.from({ length: cases }, (_, index) => index);
  await writeIdx(join(folder, 'images', `${name}-images-idx3-ubyte`), [cases, 4, 4], all.flatMap(image));
  await writeIdx(
    join(folder, 'images', `${name}-labels-idx1-ubyte`),
    [cases],
    all.map((index) => index % 2),
  );
}

const expressions = ['[MAX 1 2 ]', '[MIN 3 4 5 ]', '7', '[SM 5 6 ]'];
const tokenFile = ['Source\tTarget', '( [MAX 1 2 ] )\t2', '[MIN 3 4 5 ]\t3', '7\t7', '[SM 5 6 ]\t1', ''].join('\n');

beforeAll(async () => {
  for (const name of ['series', 'images', 'tokens']) await mkdir(join(folder, name));
  await writeSlopes(join(folder, 'series'), 32, 6);
  await writeImages('train', 24);
  await writeImages('t10k', 6);
  for (const part of ['train', 'test']) await writeFile(join(folder, 'tokens', `tiny_${part}.tsv`), tokenFile);
  const trained = await Promise.all([
    run('train', '--data', 'series', '--output', 'slopes', '--learning-rate', '0.02', ...briefly),
    run('train', '--data', 'images', '--output', 'bright', '--patch-size', '2', '--shift', '1', ...briefly),
    run('train', '--data', 'tokens', '--output', 'listops', '--form', 'bn', ...briefly),
  ]);
  const doubt =
    'warning: tiny, training part: each class has one case only\nwarning: tiny, training part: there is no case of 0, 4, 5, 6, 8, 9\n';
  trained.forEach(({ status, stderr }, index) => {
    expect({ status, stderr }).toEqual({ status: 0, stderr: index === 2 ? doubt : '' });
  });
});

/** `predict --input -` with a text on standard input. */
function piped(model: string, input: string, ...args: string[]): Promise<{ status: number; stdout: string }> {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, 'predict', '--model', model, '--input', '-', ...args], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status: status!, stdout }));
    child.stdin.end(input);
  });
}

describe('predict', () => {
  const series = [
    [-2, -1, 0],
    [2, 1, 0, -1],
  ];

  it('gives a class and probabilities for each case, labelled or not', async () => {
    const text = ['@univariate true', '@classLabel false', '@data', ...series.map((values) => values.join(','))];
    await writeFile(join(folder, 'new.ts.gz'), gzipSync(text.join('\n')));
    await writeFile(join(folder, 'labelled.csv'), ['label,a,b,c,d', 'down,-2,-1,0', 'up,2,1,0,-1'].join('\n'));
    const { cases, predictions } = await predict('slopes', 'new.ts.gz');
    expect((await predict('slopes', 'labelled.csv')).predictions).toEqual(predictions);
    expect(cases).toBe(2);
    expect(predictions.map((prediction) => prediction.case)).toEqual([1, 2]);
    for (const { class: name, probability, probabilities } of predictions) {
      expect(probability).toBe(Math.max(...Object.values(probabilities)));
      expect(probabilities[name]).toBe(probability);
      expect(probabilities.up + probabilities.down).toBeCloseTo(1, 6);
    }
  });

  it('agrees with evaluate', async () => {
    const evaluated = await run('evaluate', '--model', 'slopes', '--data', 'series', '--json');
    const { confusion, classes, macroF1 } = JSON.parse(evaluated.stdout) as {
      confusion: number[][];
      classes: { name: string; cases: number }[];
      macroF1: number;
    };
    const { predictions } = await predict('slopes', 'series/Slopes_TEST.ts');
    const counts = [
      [0, 0],
      [0, 0],
    ];
    predictions.forEach(({ class: name }, index) => counts[index % 2][name === 'up' ? 0 : 1]++);
    expect(confusion).toEqual(counts);
    expect(classes).toMatchObject([
      { name: 'up', cases: 3 },
      { name: 'down', cases: 3 },
    ]);
    expect(macroF1).toBeGreaterThan(0);
  });

  it('reads standard input, and writes tables and CSV', async () => {
    const { status, stdout } = await piped('slopes', JSON.stringify(series), '--format', 'csv');
    expect(status).toBe(0);
    const [header, ...rows] = stdout.trimEnd().split('\n');
    expect(header).toBe('case,class,up,down');
    expect(rows.length).toBe(2);
    expect(rows[0]).toMatch(/^1,(up|down),0\.\d+,0\.\d+$/);
    const table = await piped('slopes', '-2,-1,0\n', '--label-column', 'none', '--header', 'no', '--threads', '1');
    expect(table.stdout).toMatch(/^\| case \| class +\| probability \|\n.*\n\| +1 \| (up|down) +\| +\d+\.\d\d % \|\n$/);
  });

  it('answers JSON lines one by one, gzipped or not, by their names', async () => {
    const lines = ['{"case": "monday", "series": [-2, -1, 0]}', '{"case": "tuesday", "series": [2, 1, NaN, -1]}'];
    await writeFile(join(folder, 'new.jsonl.gz'), gzipSync(lines.join('\n')));
    const whole = await run('predict', '--model', 'slopes', '--input', 'new.jsonl.gz', '--format', 'jsonl', '--quiet');
    expect({ status: whole.status, stderr: whole.stderr }).toEqual({ status: 0, stderr: '' });
    const answers = whole.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Document['predictions'][0]);
    expect(answers.map((answer) => answer.case)).toEqual(['monday', 'tuesday']);
    expect(Object.keys(answers[0].probabilities)).toEqual(['up', 'down']);

    // The second line is sent once the first is answered.
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const args = [main, 'predict', '--model', 'slopes', '--input', '-', '--format', 'jsonl', '--quiet'];
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('close', resolve));
    let said = '';
    child.stdin.write(`${lines[0]}\n`);
    for await (const text of child.stdout.setEncoding('utf8')) {
      said += text as string;
      if (said === `${whole.stdout.split('\n')[0]}\n`) child.stdin.end(`${lines[1]}\n`);
    }
    expect([await ended, said]).toEqual([0, whole.stdout]);
  });

  it('says which case is longer than the model, or cuts it', async () => {
    await writeFile(join(folder, 'long.jsonl'), '{"case": "monday", "series": [1, 2, 3, 4, 5, 6]}');
    const long = ['predict', '--model', 'slopes', '--input', 'long.jsonl', '--quiet', '--format', 'csv'];
    const refused = await run(...long);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain("case 1 ('monday') has 6 positions; the model takes 5 at most: --longer cut");
    expect((await run(...long, '--longer', 'cut')).stdout).toMatch(/\nmonday,(up|down),/);
  });

  it('classifies images, of IDX files or JSON', async () => {
    const images = Array.from({ length: 2 }, (_, index) => image(index));
    await writeIdx(join(folder, 'two-idx3-ubyte.gz'), [2, 4, 4], images.flat());
    const rows = images.map((pixels) => [0, 1, 2, 3].map((y) => pixels.slice(4 * y, 4 * y + 4)));
    await writeFile(join(folder, 'two.json'), JSON.stringify(rows));
    const { predictions } = await predict('bright', 'two-idx3-ubyte.gz');
    expect(predictions.length).toBe(2);
    expect(Object.keys(predictions[0].probabilities)).toEqual(['0', '1']);
    expect((await predict('bright', 'two.json')).predictions).toEqual(predictions);
  });

  it('classifies tokens, of lines or of the files that a data set is read from', async () => {
    await writeFile(join(folder, 'lines.txt'), `${expressions.join('\n')}\n`);
    const found = await predict('listops', 'lines.txt');
    expect(found.cases).toBe(4);
    expect((await predict('listops', 'tokens/tiny_test.tsv')).predictions).toEqual(found.predictions);
  });

  it('and evaluate want cases that the model knows', async () => {
    const evaluated = await run('evaluate', '--model', 'slopes', '--data', 'images');
    expect(evaluated).toMatchObject({ status: 1, stdout: '' });
    expect(evaluated.stderr).toContain("images: the cases are images; they must be series, as the model's");
    const predicted = await run('predict', '--model', 'bright', '--input', 'series/Slopes_TEST.ts');
    expect(predicted).toMatchObject({ status: 1, stdout: '' });
    expect(predicted.stderr).toContain("Slopes_TEST.ts: the cases are series; they must be images, as the model's");
  });
});
