/** Tables for people: Markdown in the terminal, HTML in the report. */
import { describe, expect, it } from 'vitest';
import { Table } from '../../bench/format.js';
import { barChart } from '../../bench/report/bars.js';
import { escapeHtml, tableHtml } from '../../src/report/html.js';
import { type Document, page } from '../../bench/report/page.js';

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

  it('makes one page of several runs', async () => {
    const run: Document = {
      machine: {
        cpu: 'CPU <1>',
        parallelism: 2,
        memory: 8e9,
        platform: 'linux x64',
        node: 'v20',
        v8: '11',
        tfjs: '4.22.0',
      },
      command: "npm run bench -- --filter 'a <b>'",
      date: '2026-01-02T03:04:05Z',
      builds: ['simd'],
      quick: true,
    };
    const timed = { milliseconds: 2, quartiles: [1, 3] as [number, number], flops: 1e9, gflops: 50, threads: 1 };
    const kernel = { kernel: 'attention bn', pass: 'forward' as const, shape: '1x2x3x4', build: 'simd', roofline: 0.5 };
    const peer = { case: 'matMul 1x2x3', peer: 'tfjs', version: '4.22.0', way: 'ops', difference: 0 };
    const html = await page([
      { ...run, kernels: { results: [{ ...kernel, ...timed }] } },
      { ...run, quick: false, peers: { results: [{ ...peer, ...timed }] } },
    ]);
    for (const text of ['CPU &lt;1&gt;', 'a &lt;b&gt;', 'id="kernels"', 'id="peers"', 'matMul 1x2x3']) {
      expect(html).toContain(text);
    }
    expect(html.match(/<svg/g)).toHaveLength(2);
    expect(html.match(/do not quote it/g)).toHaveLength(1);
  });
});
