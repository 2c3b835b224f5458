/** Maps as pictures show them. */
import { describe, expect, it } from 'vitest';
import type { AttentionMap } from '../../src/index.js';
import { mapsChart } from '../../src/analysis/mapsChart.js';
import { positionMap } from '../../src/analysis/positionMap.js';

const map: AttentionMap = {
  ...{ case: 0, layer: 'encoder_0', head: 0, queries: 3 },
  keys: [
    [0, 2],
    [2, 3],
  ],
  weights: Float32Array.of(0.5, 0.5, 1, 0, 0.25, 0.75),
};

describe('positionMap', () => {
  it('parts the weight of a key among its positions', () => {
    const { rows, columns, block, cells } = positionMap(map, 8);
    expect([rows, columns, block]).toEqual([3, 3, 1]);
    expect([...cells]).toEqual([0.25, 0.25, 0.5, 0.5, 0.5, 0, 0.125, 0.125, 0.75]);
  });

  it('is the mean over blocks where there are more positions than cells, the last of which may be smaller', () => {
    const { rows, columns, block, cells } = positionMap(map, 2);
    expect([rows, columns, block]).toEqual([2, 2, 2]);
    const expected = [(0.25 + 0.25 + 0.5 + 0.5) / 4, (0.5 + 0) / 2, (0.125 + 0.125) / 2, 0.75];
    expected.forEach((value, at) => expect(cells[at]).toBeCloseTo(value, 6));
  });
});

describe('mapsChart', () => {
  it('has a titled panel for each map, and one legend', async () => {
    const svg = await mapsChart([map, { ...map, head: 1 }], 'Weights <of> a model', 'case 0');
    for (const text of ['Weights &lt;of&gt; a model', 'case 0', 'encoder_0, head 0', 'encoder_0, head 1']) {
      expect(svg.split(`>${text}<`).length).toBe(2);
    }
    expect(svg.split('>weight of a position<').length).toBe(2);
    // Nine cells each, drawn without seams.
    expect(svg.match(/<path d="[^"]*" fill="rgb\(/g)?.length).toBe(18);
    expect(svg).toMatch(/^<svg shape-rendering="crispEdges"/);
  });
});
