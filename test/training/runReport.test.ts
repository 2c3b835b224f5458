import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/ops/init.js';
import { escapeHtml } from '../../src/report/html.js';
import { evaluate } from '../../src/training/evaluate.js';
import { fit } from '../../src/training/fit.js';
import { confusionMatrix, macroF1 } from '../../src/training/metrics.js';
import { writeRunReport } from '../../src/training/runReport.js';
import { makeClassifier, slopes } from './slopes.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
/** The folder of a run of one epoch, without a validation part. */
const short = join(folder, 'short');

beforeAll(async () => {
  await init();
  await fit(makeClassifier(), slopes(12, 1), { epochs: 1, seed: 7, folder: short });
});

/** The report of a run that tells classes of such names apart, but for the last one. */
async function reportOf(classNames: string[]): Promise<string> {
  const labels = classNames.map((_, index) => index);
  const predicted = labels.map((label) => (label === labels.length - 1 ? 0 : label));
  const confusion = confusionMatrix(labels, predicted, classNames.length);
  const evaluation = { accuracy: 1, loss: 0, macroF1: macroF1(confusion), confusion, predicted };
  const path = await writeRunReport(short, { title: 'Run', classNames, parts: [{ title: 'test part', evaluation }] });
  return readFile(path, 'utf8');
}

/** What stands at the ticks of a page's charts. */
const ticksOf = (page: string) =>
  [...page.matchAll(/<g class="mark-text role-axis-label".*?<\/g>/g)].map(([axis]) =>
    [...axis.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text),
  );

describe('writeRunReport', () => {
  it('shows curves, confusion matrices, scores and settings', async () => {
    const model = makeClassifier();
    const validation = slopes(6, 2);
    await fit(model, slopes(12, 1), { ...{ epochs: 2, seed: 7, folder, validation }, config: { form: '<bn>' } });
    const evaluation = evaluate(model, validation);
    const classNames = ['up & "on"', 'down'];
    const options = { title: 'A <run>', classNames, parts: [{ title: 'held-out <part>', evaluation }] };
    const path = await writeRunReport(folder, options);
    expect(path).toBe(`${folder}/report.html`);
    const page = await readFile(path, 'utf8');
    expect(page).toContain('<title>A &lt;run&gt;</title>');
    expect(page).toContain('2 of 2 epochs.');
    expect(page.match(/<svg/g)?.length).toBe(3); // loss, accuracy, confusion
    expect(page).toContain('<h2>Confusion matrix, held-out &lt;part&gt;</h2>');
    expect(page).toContain(`macro F1 ${evaluation.macroF1.toFixed(4)}`);
    expect(page).toContain('<td>up &amp; &quot;on&quot;</td>');
    expect(page).toContain('&lt;bn&gt;');
    expect(page).toContain('<td>seed</td><td>7</td>');
    expect(page).toMatch(/>validation</);
  });

  it('needs a run', async () => {
    const none = join(folder, 'none');
    await expect(writeRunReport(none, { title: '', classNames: [] })).rejects.toThrow('none: holds no run');
  });

  it('of one epoch without a validation part shows what there is, and ticks that differ', async () => {
    const page = await reportOf(['up', 'down']);
    expect(page).toContain('1 of 1 epoch.');
    expect(page).not.toMatch(/validation<|legend/);
    const ticks = ticksOf(page);
    expect(ticks).toHaveLength(4); // of two charts
    expect(ticks.filter(([first]) => first === '1')).toEqual([['1'], ['1']]);
    for (const axis of ticks) expect(new Set(axis).size).toBe(axis.length);
    for (const text of ticks.flat()) expect(text).toMatch(/^\d+(\.\d{1,2})?%?$/);
  });

  it.each([
    ['what every object has', ['constructor', 'toString', '__proto__', 'valueOf', 'hasOwnProperty', 'length']],
    ['what HTML takes for its own', ['<b>', '</svg><script>alert(1)</script>', '&amp;', `"'`, '-->', ']]>']],
    ['any script', ['日本語', 'العربية', 'हिन्दी', '😀👩‍👩‍👧', 'é', 'é', '\u202eabc']],
    ['what is no name elsewhere', ['null', 'undefined', 'NaN', 'true', '0', '-0', '1', '1.0', ' ', '\t', '\\d', '$&']],
    ['any length', ['x'.repeat(5000), `${'😀'.repeat(300)}a`, 'y']],
  ])('takes classes that are called like %s', async (_, names) => {
    const page = await reportOf(names);
    for (const name of names) expect(page).toContain(`<title>${escapeHtml(name)} taken for`);
    expect(page).not.toContain('could not be made');
    expect(page).not.toContain('<script');
  });

  it.each([
    [30, true, false],
    [70, true, true],
    [100, true, true],
    [101, false, true],
    [1000, false, true],
    [5000, false, true],
  ])(
    'of %d classes shows the matrix, or what is in it, in a page of bounded size',
    async (count, hasMatrix, hasList) => {
      const page = await reportOf(Array.from({ length: count }, (_, index) => `class ${index}`));
      expect(page.length).toBeLessThan(2e6);
      expect(page.includes('predicted class</text>')).toBe(hasMatrix);
      expect(page.includes('too large to be shown')).toBe(!hasMatrix);
      expect(page.includes('1 pair of classes was confused')).toBe(hasList);
      const confused = `<td>class ${count - 1}</td><td>class 0</td><td class="number">1</td>`;
      expect(page.includes(confused)).toBe(hasList);
    },
  );

  it('says what cannot be drawn, and shows the rest', async () => {
    const evaluation = { accuracy: 1, loss: 0, macroF1: 1, confusion: [[1], []], predicted: [0] };
    const parts = [{ title: 'test part', evaluation }];
    const page = await readFile(await writeRunReport(short, { title: 'Run', classNames: ['a', 'b'], parts }), 'utf8');
    expect(page).toContain('<p class="warning">What was found on the test part could not be made: ');
    expect(page).toContain('<h2>Settings</h2>');
  });
});
