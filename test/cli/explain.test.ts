/** `predict --explain`: positions of series, patches of images, and tokens, as `explain` has them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import { metadataOf } from '../../src/training/metadata.js';
import {
  type Cases,
  explain,
  init,
  type LabelledData,
  save,
  setMetadata,
  timeSeriesClassifier,
  tokenClassifier,
  visionTransformer,
} from '../../src/index.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const classes = { labels: [0, 1], classNames: ['up', 'down'] };
const sizes = { classes: 2, feedForward: 8, heads: 2, layers: 2, seed: 1 };

const series = {
  ...classes,
  series: [
    [0, 1, 2, 3],
    [4, 2, 1],
  ].map((x) => Float32Array.from(x)),
  lengths: [4, 3],
  channels: 1,
};
const tokens = {
  ...classes,
  tokens: [
    [0, 1, 2],
    [2, 0],
  ].map((x) => Int32Array.from(x)),
  lengths: [3, 2],
  vocabulary: ['x', 'y', 'z|'],
};
const images = {
  ...classes,
  images: Float32Array.from({ length: 64 }, (_, i) => (i * 37) % 256),
  height: 4,
  width: 8,
  channels: 1,
};

const models = {
  series: timeSeriesClassifierOf,
  tokens: () => tokenClassifier({ ...sizes, vocabulary: 3, length: 4, width: 8 }),
  images: () => visionTransformer({ ...sizes, height: 4, width: 8, channels: 1, embedDim: 8, patchSize: 2 }),
};
function timeSeriesClassifierOf() {
  return timeSeriesClassifier({ ...sizes, channels: 1, length: 4, width: 8 });
}
const dataOf = { series, tokens, images } as unknown as Record<keyof typeof models, LabelledData & Cases>;
const made = new Map<string, LayersModel>();

beforeAll(async () => {
  await init();
  for (const [kind, make] of Object.entries(models)) {
    const model = make();
    const data = dataOf[kind as keyof typeof models];
    const statistics = kind === 'tokens' ? null : { mean: [0], deviation: [1] };
    setMetadata(model, metadataOf(data, { data: 'Toy', form: 'softmax', statistics }));
    await save(model, at(kind));
    made.set(kind, model);
  }
  await writeFile(at('series.json'), '[[[0],[1],[2],[3]],[[4],[2],[1]]]');
  await writeFile(at('tokens.json'), '["x y z|", "z| x"]');
  const rows = [0, 1].map((c) =>
    [0, 1, 2, 3].map((y) => [...images.images.subarray(32 * c + 8 * y, 32 * c + 8 * y + 8)]),
  );
  await writeFile(at('images.json'), JSON.stringify(rows));
});

async function predict(kind: string, ...flags: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => ((said[stream] += String(text)), true)),
  );
  const status = await run(['predict', '--model', at(kind), '--input', at(`${kind}.json`), '--quiet', ...flags]);
  for (const spy of spies) spy.mockRestore();
  return { status, ...said };
}

interface Position {
  position: number;
  share: number;
}

describe('predict --explain', () => {
  it.each(Object.keys(models))('of %s names the positions with the largest shares', async (kind) => {
    const { status, stdout, stderr } = await predict(kind, '--json', '--explain', '3');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { predictions } = JSON.parse(stdout) as { predictions: { positions: Position[] }[] };
    const expected = explain(made.get(kind)!, dataOf[kind as keyof typeof models]);
    expect(predictions).toHaveLength(2);
    predictions.forEach(({ positions }, index) => {
      const { shares } = expected[index];
      const order = Array.from(shares.keys()).sort((a, b) => shares[b] - shares[a]);
      expect(positions.map(({ position }) => position - 1)).toEqual(order.slice(0, 3));
      positions.forEach(({ position, share }) => expect(share).toBeCloseTo(shares[position - 1], 6));
    });
  });

  it('says of tokens which they are, and of patches where', async () => {
    const named = JSON.parse((await predict('tokens', '--json', '--explain')).stdout) as {
      predictions: { positions: (Position & { token: string })[] }[];
    };
    const [, { positions }] = named.predictions;
    expect(positions.map(({ position, token }) => [position, token]).sort()).toEqual([
      [1, 'z|'],
      [2, 'x'],
    ]);
    const placed = JSON.parse((await predict('images', '--json', '--explain', '100')).stdout) as {
      predictions: { positions: (Position & { row: number; column: number })[] }[];
    };
    const patches = placed.predictions[0].positions;
    expect(patches).toHaveLength(8); // 2 rows of 4
    for (const { position, row, column } of patches) expect(position).toBe(4 * (row - 1) + column);
    expect(patches.reduce((total, { share }) => total + share, 0)).toBeCloseTo(1, 5);
  });

  it('has a column in tables and CSV, and none without the flag', async () => {
    expect((await predict('series', '--explain', '1')).stdout).toMatch(
      /^\| case \| class +\| probability \| positions that weighed most \|\n.*\n\| +1 \| \w+ +\| +[\d.]+ % \| \d \([\d.]+ %\) +\|/,
    );
    const csv = (await predict('tokens', '--format', 'csv', '--explain', '2')).stdout.split('\n');
    expect(csv[0]).toBe('case,class,up,down,positions that weighed most');
    expect(csv[1]).toMatch(/^1,\w+,[\d.]+,[\d.]+,"\d \S+ \([\d.]+ %\), \d \S+ \([\d.]+ %\)"$/);
    expect((await predict('images', '--explain', '1')).stdout).toMatch(/\| \d \(row \d, column \d: [\d.]+ %\) +\|/);
    for (const flags of [[], ['--format', 'csv'], ['--json']]) {
      expect((await predict('series', ...flags)).stdout).not.toContain('positions');
    }
  });

  it.each(['0', '-1', '1.5', 'all'])('takes no count of %s', async (count) => {
    const { status, stderr } = await predict('series', `--explain=${count}`);
    expect(status).toBe(2);
    expect(stderr).toContain(
      `option '--explain [n]' argument '${count}' is invalid. It must be an integer, 1 or more.`,
    );
  });
});
