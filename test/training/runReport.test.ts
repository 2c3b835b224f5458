import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/ops/init.js';
import { evaluate } from '../../src/training/evaluate.js';
import { fit } from '../../src/training/fit.js';
import { writeRunReport } from '../../src/training/runReport.js';
import { makeClassifier, slopes } from './slopes.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();

beforeAll(async () => {
  await init();
});

describe('writeRunReport', () => {
  it('shows curves, confusion matrices, scores and settings', async () => {
    const model = makeClassifier();
    const validation = slopes(6, 2);
    await fit(model, slopes(12, 1), { ...{ epochs: 2, seed: 7, folder, validation }, config: { form: '<bn>' } });
    const evaluation = evaluate(model, validation);
    const classNames = ['up & "on"', 'down'];
    const options = { title: 'A <run>', classNames, parts: [{ title: 'held-out part', evaluation }] };
    const path = await writeRunReport(folder, options);
    expect(path).toBe(`${folder}/report.html`);
    const page = await readFile(path, 'utf8');
    expect(page).toContain('<title>A &lt;run&gt;</title>');
    expect(page).toContain('2 of 2 epochs.');
    expect(page.match(/<svg/g)?.length).toBe(2);
    expect(page).toContain('<h2>Confusion matrix, held-out part</h2>');
    expect(page).toContain(`macro F1 ${evaluation.macroF1.toFixed(4)}`);
    expect(page).toContain('<td>up &amp; &quot;on&quot;</td>');
    expect(page).toContain('&lt;bn&gt;');
    expect(page).toContain('<td>seed</td><td>7</td>');
  });

  it('needs a run', async () => {
    const none = join(folder, 'none');
    await expect(writeRunReport(none, { title: '', classNames: [] })).rejects.toThrow('none: holds no run');
  });
});
