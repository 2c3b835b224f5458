// A heap on which every block that is given out lies between guards, and holds a pattern until somebody writes: what is
// written outside a block changes its guards, and what is read outside, or before it was written, changes with the pattern.

import { Heap } from '../../src/runtime/heap.js';

/** Where the heap allocates and frees, for the kernels and for tfjs. */
interface Allocator {
  findRoom: (bytes: number) => number;
}

/** Bytes of a guard on each side. */
const GUARD = 128;

/** A quiet NaN that no kernel makes, zero, and a number large enough to win every comparison. */
export const patterns = [0x7fc5a5a5, 0, 0x7e7e7e7e] as const;

/** Blocks up to this size are filled. */
const MOST_FILLED = 2 ** 24;

interface Block {
  /** As malloc gave it. */
  outer: number;
  bytes: number;
  pattern: number;
}

/** Puts guards around all that tfjs and the kernels allocate from here on. */
export class GuardedHeap {
  private readonly blocks = new Map<number, Block>();
  private readonly damage: string[] = [];
  private readonly allocator: Allocator;
  private readonly findRoom: (bytes: number) => number;
  private readonly freeBlock: (address: number) => void;
  /** What fresh blocks and their guards hold. */
  pattern: number = patterns[0];

  constructor(private readonly heap = Heap.of()) {
    this.allocator = heap as unknown as Allocator;
    this.findRoom = this.allocator.findRoom;
    const module = heap.backend.wasm as unknown as { _free: (address: number) => void };
    this.freeBlock = module._free;
    this.allocator.findRoom = (bytes) => this.malloc(bytes);
    module._free = (address) => this.free(address);
  }

  private malloc(bytes: number): number {
    const outer = this.findRoom(bytes + 2 * GUARD + 64) >>> 0;
    // No room, or a block that does not lie in the heap as a whole.
    if (outer === 0 || outer + bytes + 2 * GUARD + 64 > this.heap.size) return outer;
    // 8 bytes behind the start of a cache line: scratch, which begins at the next one, ends close to its guard.
    const address = Math.ceil((outer + GUARD) / 64) * 64 + 8;
    const [first, last] = [address - GUARD, address + bytes + GUARD - 8];
    if (bytes <= MOST_FILLED) this.fill(first, last);
    else {
      this.fill(first, address);
      this.fill(last - GUARD + 8, last);
    }
    this.blocks.set(address, { outer, bytes, pattern: this.pattern });
    return address;
  }

  private fill(from: number, to: number): void {
    const bytes = this.heap.uint8(from, to - from);
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.pattern >>> (8 * ((from + i) & 3));
  }

  private free(address: number): void {
    const block = this.blocks.get(address >>> 0);
    if (block) this.look(address >>> 0, block);
    this.blocks.delete(address >>> 0);
    this.freeBlock(block?.outer ?? address);
  }

  private look(address: number, { bytes, pattern }: Block): void {
    for (const from of [address - GUARD, address + bytes]) {
      const guard = this.heap.uint8(from, from < address ? GUARD : GUARD - 8);
      const changed = guard.findIndex((byte, i) => byte !== ((pattern >>> (8 * ((from + i) & 3))) & 255));
      if (changed < 0) continue;
      const where = from < address ? `${GUARD - changed} bytes before` : `${changed} bytes behind`;
      this.damage.push(`something wrote ${where} a block of ${bytes} bytes`);
    }
  }

  /** What was written outside its block since the last call. */
  check(): string[] {
    for (const [address, block] of this.blocks) this.look(address, block);
    return this.damage.splice(0);
  }

  /** Blocks that are in use. */
  get count(): number {
    return this.blocks.size;
  }

  /** Blocks that are given out from here on have none; those with guards are given back as they are. */
  stop(): void {
    this.allocator.findRoom = this.findRoom;
  }
}
