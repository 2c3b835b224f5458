import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  attentionSupport,
  channelStatistics,
  headOverlap,
  headRedundancy,
  init,
  type LayerAttentionOptions,
  loadDataset,
  save,
  setMetadata,
  standardize,
  timeSeriesClassifier,
  type TimeSeriesData,
} from '../../src/index.js';
import { metadataOf } from '../../src/training/metadata.js';
import { runCommand, writeSlopes } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
let test: TimeSeriesData;

const inspect = (...args: string[]) => runCommand(folder, ['inspect', '--threads', '1', ...args]);

const classifier = (attention: LayerAttentionOptions, heads = 2) =>
  timeSeriesClassifier({
    ...{ channels: 1, length: 5, classes: 2, width: 8, feedForward: 8, heads, layers: 2 },
    ...{ attention, seed: 1 },
  });

/** Saves a classifier that is as good as trained. */
async function saveAs(name: string, form: string, model: ReturnType<typeof classifier>): Promise<void> {
  const { train } = await loadDataset(folder);
  setMetadata(model, metadataOf(train, { data: 'Slopes', form, statistics: channelStatistics(train) }));
  await save(model, join(folder, name));
}

beforeAll(async () => {
  await init();
  await writeSlopes(folder, 32, 14);
  const dataset = await loadDataset(folder);
  test = standardize(dataset.test as TimeSeriesData, channelStatistics(dataset.train));
  await saveAs('plain', 'softmax', classifier({}));
  await saveAs('pooled', 'bn+sh', classifier({ batchNorm: true, headScales: [1, 2] }));
  await saveAs('single', 'softmax', classifier({}, 1));
});

interface Found {
  data: string;
  cases: number[];
  models: {
    model: string;
    form: string;
    redundancy: { layers: unknown[]; positions: number };
    overlap: object;
    support: unknown[];
    costs: { own: { forward: { flops: number } }; softmax: { forward: { flops: number } } };
  }[];
  report: string;
}

describe('inspect', () => {
  it('prints one JSON document that agrees with the functions, and writes the report', async () => {
    const args = ['--model', 'plain,pooled', '--data', '.', '--cases', '7', '--output', 'here/report.html'];
    const { status, stdout, stderr } = await inspect(...args, '--json');
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^\w+ build\nSlopes, training part: .*\nSlopes, test part: .*\ninspecting plain \(1\/2\) \.\.\.\ninspecting pooled \(2\/2\) \.\.\.\n$/,
    );
    const { models, ...found } = JSON.parse(stdout) as Found;
    expect(found).toMatchObject({ data: 'Slopes', cases: [0, 2, 4, 6, 8, 10, 12], report: 'here/report.html' });
    expect(models.map(({ model, form }) => [model, form])).toEqual([
      ['plain', 'softmax'],
      ['pooled', 'bn+sh'],
    ]);
    const pooled = classifier({ batchNorm: true, headScales: [1, 2] });
    expect(models[1].redundancy).toEqual(headRedundancy(pooled, test, { cases: found.cases }));
    expect(models[1].overlap).toEqual(headOverlap(pooled, test, { cases: found.cases }));
    expect(models[1].support).toEqual(attentionSupport(pooled, test, { cases: found.cases }));
    expect(models[0].costs.own).toEqual(models[0].costs.softmax);
    expect(models[1].costs.own.forward.flops).toBeLessThan(models[1].costs.softmax.forward.flops);

    const page = await readFile(join(folder, 'here/report.html'), 'utf8');
    // Redundancy twice, support of two layers, and the maps of each model.
    expect(page.match(/<svg /g)?.length).toBe(6);
    const text = page.replace(/<[^>]*>/g, ' ');
    for (const title of [
      'L2 distance',
      'keys that together carry 90 %',
      'softmax: attention weights',
      'bn+sh: attention weights',
    ]) {
      expect(text).toContain(title);
    }
    expect(text).toContain("test case 1, class 'up', 3 positions");
    for (const [layer, head] of [0, 1].flatMap((layer) => [0, 1].map((head) => [layer, head]))) {
      expect(text.match(new RegExp(`encoder_${layer}, head ${head}`, 'g'))?.length).toBe(2);
    }
  });

  it('gives tables in words, with the report in the folder of the model', async () => {
    const { status, stdout, stderr } = await inspect('--model', 'pooled', '--data', '.', '--maps', '2', '--quiet');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const row of [
      /^\| bn\+sh +\| encoder_1 +\|( +[\d.]+ ± [\d.]+ \|){3}$/m,
      /^\| bn\+sh +\| encoder_0 +\| +[\d.]+ \| +3\.\d \| +\d+ % \| +[\d.]+ \|$/m,
      /^\| bn\+sh +\| training step +\|( +[\d.]+ \|){6}$/m,
      /^14 of 14 test cases of Slopes$/m,
      /^Report {2}pooled.inspect\.html$/m,
    ]) {
      expect(stdout).toMatch(row);
    }
    const page = await readFile(join(folder, 'pooled/inspect.html'), 'utf8');
    expect(page.match(/<svg /g)?.length).toBe(6);
  });

  it('tells models of one form apart by their folders', async () => {
    await saveAs('other', 'softmax', classifier({}));
    const { stdout } = await inspect('--model', 'plain,other', '--data', '.', '--cases', '2', '--json', '--quiet');
    const { models } = JSON.parse(stdout) as { models: { label: string }[] };
    expect(models.map(({ label }) => label)).toEqual(['softmax (plain)', 'softmax (other)']);
  });

  it.each([
    [['--model', 'single', '--data', '.'], 1, "no layer of model 'time_series_classifier' had two heads"],
    [['--model', 'none', '--data', '.'], 1, 'model.json'],
    [['--model', 'plain', '--data', 'JapaneseVowels'], 1, 'the cases have 12 channels; they must have 1, as the model'],
    [['--model', 'plain,plain', '--data', '.'], 2, "'plain' was given twice"],
    [['--model', 'plain', '--data', '.', '--share', '0'], 2, 'It must be above 0 and up to 1.'],
    [['--data', '.'], 2, "required option '--model <folders>' not specified"],
  ])('%j ends with status %d and says why', async (args, expected, reason) => {
    const { status, stdout, stderr } = await inspect(...args, '--quiet');
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toContain(reason);
  });
});
