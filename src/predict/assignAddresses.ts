import type { Room } from './place.js';

const ALIGNMENT = 64;

/**
 * Gives rooms their addresses: those that are not used at the same time share memory. The largest come first, each to the
 * lowest gap that it fits in.
 *
 * @param rooms with first and last step; they get their addresses
 * @param base a multiple of 64, the lowest address
 * @returns the end of the highest room
 */
export function assignAddresses(rooms: readonly Room[], base: number): number {
  /** Those that have theirs, by address. */
  const placed: { room: Room; address: number; end: number }[] = [];
  for (const room of [...rooms].sort((a, b) => b.bytes - a.bytes)) {
    let address = base;
    for (const other of placed) {
      if (other.room.last < room.first || other.room.first > room.last) continue;
      if (other.address - address >= room.bytes) break;
      address = Math.max(address, Math.ceil(other.end / ALIGNMENT) * ALIGNMENT);
    }
    room.address = address;
    placed.push({ room, address, end: address + room.bytes });
    placed.sort((a, b) => a.address - b.address);
  }
  return Math.max(base, ...placed.map(({ end }) => end));
}
