import { describe, expect, it } from 'vitest';
import { assignAddresses } from '../../src/predict/assignAddresses.js';
import type { Room } from '../../src/predict/place.js';
import { random } from '../support/random.js';

const base = 128;

/** Addresses of rooms [bytes, first step, last step], and their end. */
function assign(...sizes: [number, number, number][]): { rooms: Room[]; end: number } {
  const rooms = sizes.map(([bytes, first, last]): Room => ({ bytes, first, last }));
  return { rooms, end: assignAddresses(rooms, base) };
}

describe('assignAddresses', () => {
  it('gives memory again that is not used any more, but not at the step that still reads it', () => {
    const { rooms, end } = assign([64, 0, 1], [64, 1, 2], [64, 2, 3]);
    expect(rooms.map(({ address }) => address)).toEqual([base, base + 64, base]);
    expect(end).toBe(base + 128);
  });

  it('fills gaps, and begins rooms at cache lines', () => {
    const { rooms } = assign([100, 0, 5], [10, 0, 1], [10, 0, 5], [60, 2, 3], [300, 2, 3]);
    // The largest lies at the bottom; before and after its steps there is room for others.
    expect(rooms.map(({ address }) => address! - base)).toEqual([320, 0, 512, 448, 0]);
  });

  it('never lets two rooms meet', () => {
    const numbers = random('rooms');
    for (let round = 0; round < 50; round++) {
      const { rooms, end } = assign(
        ...Array.from({ length: 30 }, (): [number, number, number] => {
          const first = numbers.integer(0, 20);
          return [numbers.integer(1, 500), first, first + numbers.integer(0, 6)];
        }),
      );
      rooms.forEach((a, index) => {
        expect(a.address! % 64).toBe(0);
        expect(a.address! + a.bytes).toBeLessThanOrEqual(end);
        for (const b of rooms.slice(index + 1)) {
          const together = a.first <= b.last && b.first <= a.last;
          const meet = a.address! < b.address! + b.bytes && b.address! < a.address! + a.bytes;
          expect(together && meet).toBe(false);
        }
      });
    }
  });
});
