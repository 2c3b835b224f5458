// Frames: a struct of 32-bit fields and the tables behind it, in scratch, as the kernels read them.

import type { Heap } from './heap.js';
import { type Field, structBytes, writeStruct } from './struct.js';

type Layout = Readonly<Record<string, Field>>;
type Values<L extends Layout> = Record<keyof L & string, number>;

/** Int32 numbers, or bytes. */
type Table = readonly number[] | Int32Array | Uint8Array;

const roundUp = (bytes: number) => Math.ceil(bytes / 16) * 16;

/** A struct on the heap, until `withFrame` returns. */
export interface Frame<L extends Layout> {
  address: number;
  /** Sets fields that were not known before. */
  set: (values: Partial<Values<L>>) => void;
}

/**
 * Runs `use` with a struct on the heap. Fields named in `tables` get the address of that table; fields that are not given
 * are 0. Throws OutOfMemoryError.
 */
export function withFrame<L extends Layout, T>(
  heap: Heap,
  layout: L,
  values: Partial<Values<L>>,
  tables: Partial<Record<keyof L & string, Table>>,
  use: (frame: Frame<L>) => T,
): T {
  const head = roundUp(structBytes(layout));
  const entries = Object.entries(tables) as [string, Table][];
  const bytes = entries.reduce((sum, [, table]) => sum + roundUp(4 * table.length), head);
  return heap.withScratch(bytes, (address) => {
    const all = { ...(Object.fromEntries(Object.keys(layout).map((name) => [name, 0])) as Values<L>), ...values };
    let at = address + head;
    for (const [name, table] of entries) {
      if (table instanceof Uint8Array) heap.uint8(at, table.length).set(table);
      else heap.int32(at, table.length).set(table);
      (all as Record<string, number>)[name] = at;
      at += roundUp(4 * table.length);
    }
    const write = () => writeStruct(heap.memory.buffer, address, layout, all);
    write();
    const set = (more: Partial<Values<L>>) => {
      Object.assign(all, more);
      write();
    };
    return use({ address, set });
  });
}
