import { describe, expect, it } from 'vitest';
import { aboveZero, boolean, integer, number, oneOf, orNull, rate, type Rule } from '../../src/checks/rules.js';
import { check } from '../../src/checks/values.js';

describe('rules', () => {
  it.each<[string, Rule, unknown[], unknown[], string]>([
    ['integer()', integer(), [0, -3, 2 ** 40], [0.5, NaN, '1', Infinity], 'an integer'],
    ['integer(1)', integer(1), [1, 9], [0, 1.5], 'an integer, 1 or more'],
    ['integer(1, 3)', integer(1, 3), [1, 3], [0, 4], 'an integer from 1 to 3'],
    ['rate', rate, [0, 0.999], [1, -0.1, '0'], '0 or more and below 1'],
    ['aboveZero', aboveZero, [1e-3, 5], [0, -1, NaN, 1e39], 'above 0'], // 1e39 is no float32
    ['number', number((x) => x < 2, 'below 2'), [1], [2], 'below 2'],
    ['boolean', boolean, [true, false], [0, 'true', undefined], 'true or false'],
    ['oneOf', oneOf(['a', 'b']), ['a', 'b'], ['c', 1], "'a' or 'b'"],
    ['orNull', orNull(aboveZero), [null, 1], [0, undefined], 'above 0, or null'],
  ])('%s tells right from wrong, and says what it must be', (_, rule, right, wrong, must) => {
    for (const value of right) expect(() => check('f', 'x', value, rule)).not.toThrow();
    for (const value of wrong) expect(() => check('f', 'x', value, rule)).toThrow(`; it must be ${must}`);
  });

  it('are told with the function, the argument and its value', () => {
    expect(() => check('fit', 'epochs', '3', integer(1))).toThrow(
      "fit: epochs was '3'; it must be an integer, 1 or more",
    );
  });
});
