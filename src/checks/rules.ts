// What plain values must be, for the checks of functions and of commands.

/** What a value must be. */
export interface Rule {
  /** Completes "it must be". */
  must: string;
  /** All that it may be, where these are a few words. */
  choices?: readonly string[];
  test: (value: unknown) => boolean;
}

/** An integer from `low` to `high`. */
export function integer(low = -Infinity, high = Infinity): Rule {
  const range =
    low === -Infinity
      ? 'an integer'
      : high === Infinity
        ? `an integer, ${low} or more`
        : `an integer from ${low} to ${high}`;
  return {
    must: range,
    test: (value) => Number.isInteger(value) && (value as number) >= low && (value as number) <= high,
  };
}

/** A number that is finite as a float32, and passes `test` as such; `must` says what that is. */
export function number(test: (value: number) => boolean, must: string): Rule {
  return {
    must,
    test(value) {
      const single = typeof value === 'number' ? Math.fround(value) : NaN;
      return Number.isFinite(single) && test(single);
    },
  };
}

export const aboveZero = number((value) => value > 0, 'above 0');
export const atLeastZero = number((value) => value >= 0, '0 or more');

/** A probability that something is dropped, or a part that is kept. */
export const rate = number((value) => value >= 0 && value < 1, '0 or more and below 1');

/** A number of any kind, NaN too. */
export const anyNumber: Rule = { must: 'a number', test: (value) => typeof value === 'number' };

/** Numbers of any kind, in an array of JavaScript's. */
export const numbers: Rule = {
  must: 'an array of numbers, 1 or more',
  test: (value) => Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'number'),
};

export const boolean: Rule = { must: 'true or false', test: (value) => typeof value === 'boolean' };

/** A text, which may be empty. */
export const text: Rule = { must: 'a text', test: (value) => typeof value === 'string' };

/** What is called back. */
export const callback: Rule = { must: 'a function', test: (value) => typeof value === 'function' };

/** Several texts. */
export const texts: Rule = {
  must: 'an array of texts, 1 or more',
  test: (value) => Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string'),
};

/** Where a file or folder is. */
export const path: Rule = { must: 'a path', test: (value) => typeof value === 'string' && value !== '' };

/** Where several are. */
export const paths: Rule = {
  must: 'an array of paths',
  test: (value) => Array.isArray(value) && value.every(path.test),
};

/** One of a few words. */
export function oneOf(choices: readonly string[]): Rule {
  return {
    must: choices.map((choice) => `'${choice}'`).join(' or '),
    choices,
    test: (value) => choices.includes(value as string),
  };
}

/** What `rule` allows, or null. */
export function orNull({ must, test }: Rule): Rule {
  return { must: `${must}, or null`, test: (value) => value === null || test(value) };
}
