import { describe, expect, it } from 'vitest';
import { benchmarkGroups, rowName } from '../../src/benchmarks/benchmarkRows.js';
import type { BenchmarkResult } from '../../src/benchmarks/benchmark.js';
import { runCommand } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();

describe('bench', () => {
  it('measures the forms that the filter names, with softmax beside them', async () => {
    const args = ['--quick', '--threads', '1', '--shape', '2x2x40x8', '--filter', 'attention sh', '--json', '--quiet'];
    const { status, stdout, stderr } = await runCommand(folder, ['bench', ...args]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const found = JSON.parse(stdout) as { results: BenchmarkResult[]; machine: object };
    expect(found).toMatchObject({ threads: 1, quick: true, machine: { node: process.version } });
    const forms = ['softmax', 'sh', 'bn+sh', 'linear+sh', 'linear+bn+sh', 'window+sh', 'window+bn+sh'];
    const passes = ['forward', 'forward+backward'];
    expect(found.results.map(({ pass, form }) => [pass, form]).sort()).toEqual(
      passes.flatMap((pass) => forms.map((form) => [pass, form])).sort(),
    );
    const [softmax, sh] = ['softmax', 'sh'].map((name) => found.results.find(({ form }) => form === name)!);
    expect([softmax.flops, sh.flops]).toEqual([2 * 2 * 40 * 40 * 4 * 8, 2 * 40 * (40 + 20) * 4 * 8]);
    expect(softmax.relative).toBeUndefined();
    for (const { milliseconds, quartiles, flops, gflops, form, relative } of found.results) {
      expect(quartiles[0]).toBeLessThanOrEqual(milliseconds);
      expect(quartiles[1]).toBeGreaterThanOrEqual(milliseconds);
      expect(gflops).toBeCloseTo(flops / milliseconds / 1e6, 9);
      if (form !== 'softmax') expect(relative).toBeGreaterThan(0);
    }
  });

  it('shows a table and what it was measured on', async () => {
    const args = ['--quick', '--threads', '1', '--filter', 'images softmax', '--quiet'];
    const { stdout } = await runCommand(folder, ['bench', ...args]);
    expect(stdout).toContain(`Node ${process.version}`);
    expect(stdout).toMatch(
      /^\| images small \| 32x50 +\| training step \| softmax \| +[\d.]+ \| +\d+ % \| +[\d.]+ \| [\d.]+ to [\d.]+ \|$/m,
    );
    expect(stdout).toContain('Figures of --quick only show that everything works; do not quote them.');
    expect(stdout).toContain('npm run bench');
  });

  it('has a name of its own for every row', () => {
    const names = benchmarkGroups([1, 2, 8, 4], '').flatMap(({ rows }) => rows.map(rowName));
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    [['--shape', '1x8x512'], 'It must be BxHxNxD: four integers of at least 1, such as 1x8x512x64.'],
    [['--shape', '1x0x5x2'], 'It must be BxHxNxD'],
    [['--filter', 'nothing'], "--filter was 'nothing'; no row has these words: rows are 'attention softmax forward"],
  ])('%j ends with status 2 and says why', async (args, reason) => {
    const { status, stdout, stderr } = await runCommand(folder, ['bench', ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(reason);
  });
});

describe('info', () => {
  it('shows machine, kernels and the folder of downloads', async () => {
    const { status, stdout } = await runCommand(folder, ['info', '--threads', '1']);
    expect(status).toBe(0);
    for (const line of [
      /^primal-attention +\d+\.\d+\.\d+$/m,
      /^processor +\S/m,
      /^memory +[\d.]+ GB$/m,
      new RegExp(`^Node +${process.version.replaceAll('.', '\\.')} \\(V8 `, 'm'),
      /^threads +1$/m,
      /^downloads +.*primal-attention/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    const { stdout: json } = await runCommand(folder, ['info', '--json']);
    expect(JSON.parse(json)).toMatchObject({ simd: true, tfjs: '4.22.0', node: process.version });
  });
});
