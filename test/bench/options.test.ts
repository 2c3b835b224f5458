/** Options of npm run bench: what is measured by default, and errors that name the valid choices. */
import { describe, expect, it } from 'vitest';
import { readBuilds, readOptions, readThreads, UsageError } from '../../bench/options.js';

describe('readOptions', () => {
  it.each<[string[], string[]]>([
    [[], ['kernels']],
    [['--profile'], ['steps']],
    [['--curves'], ['curves']],
    [
      ['curves', 'steps'],
      ['steps', 'curves'],
    ],
  ])('measures for %j: %j', (args, kinds) => {
    expect(readOptions(args).kinds).toEqual(kinds);
  });

  it.each<[string[], RegExp]>([
    [['--build', 'simd'], /--build.*\n.*--builds/],
    [['--filter'], /--filter.*\n.*--filter/],
    [['step'], /'step'.*kernels, tiles, softmax, values, predict, steps, curves, tfjs, peers, report/],
    [['kernels', '--profile'], /--profile.*kernels.*steps/],
    [['report'], /--report FILE/],
    [['--no-tfjs', '--all-tfjs'], /--no-tfjs.*--all-tfjs/],
  ])('refuses %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(UsageError);
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe('lists', () => {
  it('reads numbers of threads', () => {
    expect(readThreads('all,1', 4)).toEqual([1, 4]);
    expect(readThreads('1,all', 1)).toEqual([1]);
    expect(() => readThreads('1,0', 4)).toThrow(/'0'.*positive integers or 'all'/);
  });

  it('reads builds', () => {
    const runnable = ['simd', 'relaxed'];
    expect(readBuilds(undefined, runnable, 'relaxed')).toEqual(['relaxed']);
    expect(readBuilds('all', runnable, 'relaxed')).toEqual(runnable);
    expect(() => readBuilds('wide', runnable, 'relaxed')).toThrow(/'wide'.*simd, relaxed, or all/);
  });
});
