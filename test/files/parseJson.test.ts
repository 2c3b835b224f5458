import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/files/parseJson.js';

describe('parseJson', () => {
  it.each(['{"a": [1, null, "x"]}', '[]', ' 3 ', 'null', '"\\u00e4"', '[[], {}, "__proto__"]'])('reads %s', (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['{"a": 3', 'not JSON at line 1, column 8, where the text ends too early'],
    ['', 'not JSON at line 1, column 1, where the text ends too early'],
    ['[1,]', "not JSON at line 1, column 4: ']'"],
    ['{a:1}', "not JSON at line 1, column 2: 'a'"],
    ['\n\n  [1, x]', "not JSON at line 3, column 7: 'x'"],
    ['[1] x', "not JSON at line 1, column 5: 'x'"],
    ['[NaN]', "not JSON at line 1, column 2: 'N'"],
    ['[1e]', "not JSON at line 1, column 4: ']'"],
    ["{'a': 1}", "not JSON at line 1, column 2: '''"],
    ['{"a": "b\nc"}', "not JSON at line 1, column 9: '\n'"],
    [`[${'1,'.repeat(50_000)}x]`, "not JSON at line 1, column 100002: 'x'"],
  ])('says where %j is wrong', (text, message) => {
    expect(() => parseJson(text)).toThrow(message);
  });

  it.each(['{"__proto__": {"a": 1}}', '[{"a": {"constructor": {"prototype": {}}}}]', '{"a": [{"prototype": 1}]}'])(
    'lets no key reach a prototype: %s',
    (text) => {
      expect(() => parseJson(text)).toThrow(
        /^a key was '(__proto__|constructor|prototype)'; no key may have that name$/,
      );
      expect(({} as { a?: unknown }).a).toBeUndefined();
    },
  );

  it('bears any depth', () => {
    expect(parseJson('['.repeat(100_000) + ']'.repeat(100_000))).toBeInstanceOf(Array);
  });
});
