import { describe, expect, it } from 'vitest';
import { DamagedError } from '../../src/files/damagedError.js';
import { openSealedJson, sealedJson } from '../../src/files/sealedJson.js';
import { flipBit } from '../support/damage.js';

const value = { name: 'ü', list: [1, 2.5, null], inner: { sha256: 'x' } };
const open = (text: string) => openSealedJson(text, 'a.json', 'a record');

describe.each([0, 2])('JSON with a checksum inside, indented by %d', (indent) => {
  it('is JSON, and gives back what went in', async () => {
    const text = await sealedJson(value, indent);
    expect(JSON.parse(text)).toMatchObject(value);
    expect(text.endsWith('\n')).toBe(indent > 0);
    expect(await open(text)).toEqual({ value, isSealed: true });
  });

  it('notices every flipped bit, and every end that is missing', async () => {
    const bytes = Buffer.from(await sealedJson(value, indent));
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const text = Buffer.from(flipBit(bytes, bit)).toString();
      await expect(open(text), `bit ${bit}`).rejects.toThrow(DamagedError);
    }
    for (let length = 0; length < bytes.length - 1; length++) {
      await expect(open(bytes.subarray(0, length).toString()), `${length} bytes`).rejects.toThrow(DamagedError);
    }
  });
});

describe('JSON of an earlier version, without a checksum', () => {
  it('is accepted', async () => {
    expect(await open(JSON.stringify(value))).toEqual({ value, isSealed: false });
  });

  it.each([
    ['[1]', 'a.json: not a record: it must hold one JSON object'],
    ['{"a":', 'a.json: not a record: not JSON at line 1, column 6, where the text ends too early'],
  ])('is refused if it is %s', async (text, message) => {
    await expect(open(text)).rejects.toThrow(message);
  });
});
