/** Model and run folders with damaged files: each is named, and a run goes on from its checkpoint before. */
import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DamagedError } from '../../src/files/damagedError.js';
import { init } from '../../src/ops/init.js';
import { fit } from '../../src/training/fit.js';
import type { FitOptions } from '../../src/training/fitOptions.js';
import { load } from '../../src/training/load.js';
import { save } from '../../src/training/save.js';
import { writeRunReport } from '../../src/training/runReport.js';
import { flipBit, rewriteAsEarlier } from '../support/damage.js';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { makeClassifier, slopes, weightsOf } from './slopes.js';

const folder = temporaryFolder();
const data = slopes(20, 1);
const validation = slopes(9, 2);
const base: FitOptions = { epochs: 4, batchSize: 8, seed: 5, learningRate: 0.01, validation };
const [whole, begun, model] = ['whole', 'begun', 'model'].map((name) => join(folder, name));
let expected: number[];

/** A copy of a folder in which one file is changed. */
async function changed(from: string, file: string, change: (path: string) => Promise<unknown>): Promise<string> {
  const path = join(folder, 'changed');
  await rm(path, { recursive: true, force: true });
  await cp(from, path, { recursive: true });
  await change(join(path, file));
  return path;
}

/** Resumes a run; gives its weights at the end, and what it warned of. */
async function resume(path: string, options: FitOptions = {}) {
  const warnings: string[] = [];
  const resumed = makeClassifier(7);
  const onWarning = (text: string) => warnings.push(text);
  await fit(resumed, data, { ...base, ...options, folder: path, resume: true, onWarning });
  return { warnings, weights: weightsOf(resumed) };
}

/** Bits of a file, spread evenly, the first and the last among them. */
const bits = (bytes: Uint8Array, count: number) =>
  Array.from({ length: count }, (_, index) => Math.floor((index * (8 * bytes.length - 1)) / (count - 1)));

beforeAll(async () => {
  await init();
  const trained = makeClassifier();
  await fit(trained, data, { ...base, folder: whole });
  expected = weightsOf(trained);
  const controller = new AbortController();
  await fit(makeClassifier(), data, {
    ...{ ...base, folder: begun, signal: controller.signal },
    onBatchEnd: ({ epoch, batch }) => epoch === 4 && batch === 2 && controller.abort(),
  });
  await save(trained, model);
  await save(trained, whole);
  await writeRunReport(whole, { title: 'Slopes', classNames: data.classNames });
});

describe('a model folder', () => {
  it.each(['model.json', 'weights.bin'])('names %s for a flipped bit', async (file) => {
    const bytes = await readFile(join(model, file));
    for (const bit of bits(bytes, 200)) {
      const path = await changed(model, file, (place) => writeFile(place, flipBit(bytes, bit)));
      const loading = load(path);
      await expect(loading, `bit ${bit}`).rejects.toThrow(DamagedError);
      await expect(loading).rejects.toThrow(`${join(path, file)}: `);
    }
  });

  it.each(['model.json', 'weights.bin'])('names %s for an end that is missing', async (file) => {
    const { length } = await readFile(join(model, file));
    for (let percent = 0; percent < 100; percent++) {
      const path = await changed(model, file, (place) => truncate(place, Math.floor((percent * length) / 100)));
      await expect(load(path), `${percent} %`).rejects.toThrow(join(path, file));
    }
    await expect(load(await changed(model, file, rm))).rejects.toThrow(file);
  });

  it('of an earlier version, without checksums, loads', async () => {
    const path = await changed(model, '', (place) => rewriteAsEarlier(place));
    expect(weightsOf(await load(path))).toEqual(expected);
  });

  it('reads no file outside, and nothing but files', async () => {
    for (const [name, message] of [
      ['../model/weights.bin', 'must be names of files in the folder'],
      ['/etc/passwd', 'must be names of files in the folder'],
      ['a\\weights.bin', 'must be names of files in the folder'],
      ['..', 'must be names of files in the folder'],
      ['inner', 'must be a file with the weights'],
    ]) {
      type Json = { weightsManifest: { paths: string[] }[] };
      const path = await changed(model, '', (place) =>
        rewriteAsEarlier(place, (json: Json) => (json.weightsManifest[0].paths = [name])),
      );
      await mkdir(join(path, 'inner'));
      await expect(load(path), name).rejects.toThrow(message);
    }
  });

  it('names no code: a class is registered, or an error', async () => {
    type Layer = { class_name: string; config: Record<string, unknown> };
    type Json = { modelTopology: { config: { layers: Layer[] } } };
    for (const name of ['Lambda', 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'eval', '']) {
      const path = await changed(model, '', (place) =>
        rewriteAsEarlier(place, ({ modelTopology }: Json) => (modelTopology.config.layers[1].class_name = name)),
      );
      await expect(load(path), name).rejects.toThrow(`model.json: a class was '${name}'; it must be a layer of`);
    }
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const path = await changed(model, 'model.json', async (place) => {
        const text = await readFile(place, 'utf8');
        await writeFile(place, text.replace('"modelTopology":{', `"modelTopology":{"${key}":{"polluted":1},`));
      });
      await expect(load(path), key).rejects.toThrow(`a key was '${key}'; no key may have that name`);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    }
  });
});

describe('a run folder', () => {
  it('keeps the two last checkpoints, each a model that loads', async () => {
    for (const [name, epochs] of [
      ['last', 4],
      ['previous', 3],
    ] as const) {
      const path = join(whole, 'checkpoints', name);
      const { userDefinedMetadata: metadata } = JSON.parse(await readFile(join(path, 'model.json'), 'utf8')) as {
        userDefinedMetadata: { primalAttentionTraining: { history: unknown[] } };
      };
      expect(metadata.primalAttentionTraining.history.length).toBe(epochs);
      await load(path);
    }
  });

  /** That the run goes on from the checkpoint before, says so, and comes to the same end. */
  async function expectPrevious(path: string, file: string, what: string): Promise<void> {
    const { warnings, weights } = await resume(path);
    expect(warnings.length, what).toBe(1);
    expect(warnings[0], what).toContain(`${join(path, 'checkpoints/last')}/${file}`);
    expect(warnings[0], what).toMatch(/; the checkpoint before it is used instead, after 3 epochs$/);
    expect(weights, what).toEqual(expected);
  }

  it.each(['model.json', 'weights'])('goes on from the checkpoint before if %s has a flipped bit', async (begin) => {
    const files = await readdir(join(begun, 'checkpoints/last'));
    const file = files.find((name) => name.startsWith(begin))!;
    const bytes = await readFile(join(begun, 'checkpoints/last', file));
    for (const bit of bits(bytes, 12)) {
      const place = `checkpoints/last/${file}`;
      await expectPrevious(await changed(begun, place, (path) => writeFile(path, flipBit(bytes, bit))), file, `${bit}`);
    }
  });

  it.each(['model.json', 'weights'])('goes on from the checkpoint before if %s is cut off or gone', async (begin) => {
    const files = await readdir(join(begun, 'checkpoints/last'));
    const file = files.find((name) => name.startsWith(begin))!;
    const place = `checkpoints/last/${file}`;
    const { length } = await readFile(join(begun, place));
    for (const share of [0, 0.01, 0.5, 0.99]) {
      const path = await changed(begun, place, (name) => truncate(name, Math.floor(share * length)));
      await expectPrevious(path, file, `${share}`);
    }
    const { warnings, weights } = await resume(await changed(begun, place, rm));
    expect(warnings[0]).toMatch(/damaged: (it is missing|there is no model\.json); the checkpoint before it is used/);
    expect(weights).toEqual(expected);
  });

  it('says so if both checkpoints are damaged, or config.json, and changes nothing', async () => {
    const files = await readdir(join(begun, 'checkpoints/previous'));
    const both = await changed(begun, 'checkpoints', async (place) => {
      await truncate(join(place, 'last/model.json'), 10);
      for (const file of files) await truncate(join(place, 'previous', file), 10);
    });
    await expect(resume(both)).rejects.toThrow(/last\/model\.json: not a model: not JSON at line 1, column 11/);
    const text = await readFile(join(begun, 'config.json'), 'utf8');
    const config = await changed(begun, 'config.json', (place) => writeFile(place, text.replace('0.01', '0.03')));
    await expect(resume(config, { learningRate: 0.03 })).rejects.toThrow(
      'config.json: damaged: its checksum differs; it must be as SHA256SUMS has it',
    );
    expect((await readFile(join(config, 'config.json'), 'utf8')).includes('0.03')).toBe(true);
  });

  it('says so at once if the best model is damaged, unless it is that of the last epoch', async () => {
    const damage = async (from: string) => {
      const name = (await readdir(join(from, 'checkpoints/best'))).find((file) => file.endsWith('.bin'))!;
      return changed(from, `checkpoints/best/${name}`, (place) => truncate(place, 10));
    };
    const path = join(folder, 'stalled');
    const options: FitOptions = { epochs: 40, learningRate: 0.2, schedule: 'constant', monitor: 'loss', patience: 3 };
    await fit(makeClassifier(), data, { ...base, ...options, folder: path });
    await expect(resume(await damage(path), options)).rejects.toThrow(/best\/weights(\.2)?\.bin: damaged: 10 bytes; /);
    const { warnings, weights } = await resume(await damage(begun));
    expect(warnings).toEqual([
      expect.stringMatching(/; the best epoch is the last one, whose checkpoint is used instead/),
    ]);
    expect(weights).toEqual(expected);
  });

  it('writes damaged metrics again, and tells of a damaged report', async () => {
    const metrics = await changed(whole, 'metrics.jsonl', async (place) => {
      await writeFile(place, flipBit(await readFile(place), 8000));
    });
    expect((await resume(metrics)).warnings).toEqual([
      expect.stringMatching(/metrics\.jsonl:\d: damaged; the file is written again from the checkpoint$/),
    ]);
    expect(await readFile(join(metrics, 'metrics.jsonl'))).toEqual(await readFile(join(whole, 'metrics.jsonl')));
    const report = await changed(whole, 'report.html', (place) => truncate(place, 1000));
    expect((await resume(report)).warnings).toEqual([
      expect.stringMatching(/report\.html: damaged: its checksum differs; .*; the report has to be written again$/),
    ]);
  });

  it('of an earlier version, without checksums, is resumed', async () => {
    const earlier = await changed(begun, '', async (place) => {
      await rewriteAsEarlier(join(place, 'checkpoints/last'));
      await rm(join(place, 'checkpoints/previous'), { recursive: true });
      await rm(join(place, 'SHA256SUMS'));
    });
    expect(await resume(earlier)).toEqual({ warnings: [], weights: expected });
  });

  it('loses what killed processes left of files', async () => {
    const path = await changed(begun, '', (place) =>
      Promise.all(
        ['config.json.12.tmp', 'checkpoints/last/weights.2.bin.34.tmp', 'checkpoints/best/model.json.5.tmp'].map(
          (name) => writeFile(join(place, name), 'half'),
        ),
      ),
    );
    await resume(path);
    const files = await readdir(path, { recursive: true });
    expect(files.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is refused to a second run, in this process too', async () => {
    const path = join(folder, 'shared');
    const begin = () => fit(makeClassifier(), data, { ...base, epochs: 1, folder: path });
    const outcomes = await Promise.allSettled([begin(), begin(), begin()]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [`${outcome.reason}`] : []));
    expect(refused.length).toBe(2);
    for (const reason of refused)
      expect(reason).toContain('shared: is in use by this process; wait until it has ended');
  });
});
