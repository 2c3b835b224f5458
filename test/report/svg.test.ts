import { describe, expect, it, vi } from 'vitest';
import { markdownTable } from '../../src/report/markdownTable.js';
import { counted } from '../../src/checks/counted.js';
import { toSvg } from '../../src/report/svg.js';

const bars = (names: readonly string[], title = 'bars') => ({
  title,
  data: { values: names.map((name, height) => ({ name, height })) },
  mark: 'bar',
  encoding: {
    x: { field: 'name', type: 'nominal', sort: names },
    y: { field: 'height', type: 'quantitative' },
    color: { field: 'name', type: 'nominal', scale: { domain: names } },
  },
});

describe('toSvg', () => {
  it('draws categories that are called like what every object has', async () => {
    const names = Object.getOwnPropertyNames(Object.prototype);
    const svg = await toSvg(bars(names, 'constructor'));
    for (const name of names) expect(svg).toContain(`>${name}</text>`);
    expect(svg).toContain('>constructor</text>');
    expect(svg).not.toContain('\u2060constructor');
  });

  it('fails where the library would say so on standard error and draw a part', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const spec = { ...bars(['a']), transform: [{ filter: "datum['" }] };
    await expect(toSvg(spec)).rejects.toThrow();
    expect(said).not.toHaveBeenCalled();
    said.mockRestore();
  });
});

describe('markdownTable', () => {
  it('keeps a row in one line and a cell between its bars, whatever a name holds', () => {
    const columns = { columns: [['class', -1, (name: string) => name] as const] };
    expect(markdownTable(columns, ['a|b', 'c\nd', '\u001b[31mred']).split('\n')).toEqual([
      '| class         |',
      '| :------------ |',
      '| a\\|b          |',
      '| c\\u000ad      |',
      '| \\u001b[31mred |',
    ]);
  });
});

describe('counted', () => {
  it.each([
    [0, '0 epochs'],
    [1, '1 epoch'],
    [2, '2 epochs'],
  ])('says %d as %s', (count, text) => {
    expect(counted(count, 'epoch')).toBe(text);
  });
});
