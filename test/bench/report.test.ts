/** Tables for people: Markdown in the terminal, HTML in the report. */
import { describe, expect, it } from 'vitest';
import { Table } from '../../bench/format.js';
import { barChart } from '../../bench/report/bars.js';
import { escapeHtml, tableHtml } from '../../bench/report/html.js';

const table = new Table<[string, number]>([
  ['name', -6, ([name]) => name],
  ['ms', 4, ([, ms]) => `${ms}`],
  ['empty', 6, () => ''],
]);

describe('report', () => {
  it('prints Markdown', () => {
    expect(table.header).toBe('| name   |   ms |  empty |\n| ------ | ---: | -----: |');
    expect(table.line(['a', 1])).toBe('| a      |    1 |        |');
  });

  it('escapes text', () => {
    expect(escapeHtml(`<a href="x">'&'</a>`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;');
    const html = tableHtml(table, [['<b>', 2]], () => '"');
    expect(html).toContain('<td>&lt;b&gt;</td><td class="number">2</td>');
    expect(html).toContain('<tr class="&quot;">');
  });

  it('leaves out columns in which nothing stands', () => {
    expect(tableHtml(table, [['a', 2]])).not.toContain('empty');
  });

  it('draws bars', async () => {
    const bars = ['1 thread', '2 threads'].map((series, index) => {
      return { panel: 'step A', label: 'softmax', series, value: index + 1, text: `${index + 1} x` };
    });
    const svg = await barChart({ title: 'Speed', axis: 'GFLOP/s', bars, columns: 1, width: 200 });
    expect(svg).toMatch(/^<svg/);
    for (const text of ['step A', 'softmax', '2 threads', '2 x', 'GFLOP/s']) expect(svg).toContain(text);
  });
});
