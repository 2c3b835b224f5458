import { expect, it } from 'vitest';
import { fixed, percent } from '../../src/report/numbers.js';

it.each([
  [-0.04, 1, '0.0'],
  [-0.4, 0, '0'],
  [0.04, 1, '0.0'],
  [-0.05001, 1, '-0.1'],
  [-10, 1, '-10.0'],
])('%d with %d decimals is %s, 0 without a sign', (value, decimals, text) => {
  expect(fixed(value, decimals)).toBe(text);
});

it('takes shares in per cent', () => expect([percent(0.427), percent(-0.0001, 1)]).toEqual(['43 %', '0.0 %']));
