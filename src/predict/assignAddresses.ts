import type { Room } from './place.js';

const ALIGNMENT = 64;

/**
 * Gives rooms their addresses: those that are not used at the same time share memory.
 *
 * @param rooms with first and last step; they get their addresses
 * @param base a multiple of 64, the lowest address
 * @returns the end of the highest room
 */
export function assignAddresses(rooms: readonly Room[], base: number): number {
  let end = base;
  /** Rooms that are in use at the step that is looked at, by address. */
  let inUse: { address: number; end: number; last: number }[] = [];
  for (const room of [...rooms].sort((a, b) => a.first - b.first)) {
    const { bytes, first, last } = room;
    inUse = inUse.filter((other) => other.last >= first);
    let address = base;
    for (const other of inUse) {
      if (other.address - address >= bytes) break;
      address = Math.ceil(other.end / ALIGNMENT) * ALIGNMENT;
    }
    room.address = address;
    inUse.push({ address, end: address + bytes, last });
    inUse.sort((a, b) => a.address - b.address);
    end = Math.max(end, address + bytes);
  }
  return end;
}
