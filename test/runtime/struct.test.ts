import { expect, it } from 'vitest';
import { structBytes, writeStruct } from '../../src/runtime/struct.js';

const layout = { address: 'i32', factor: 'f32', count: 'i32' } as const;

it('writes fields in the order of the layout, four bytes each, little endian', () => {
  const { buffer } = new Uint8Array(20);
  writeStruct(buffer, 4, layout, { count: -2, address: 0xfedcba98, factor: 1.5 });
  expect(structBytes(layout)).toBe(12);
  const bytes = [0, 0, 0, 0, 0x98, 0xba, 0xdc, 0xfe, 0, 0, 0xc0, 0x3f, 0xfe, 0xff, 0xff, 0xff, 0, 0, 0, 0];
  expect([...new Uint8Array(buffer)]).toEqual(bytes);
});
