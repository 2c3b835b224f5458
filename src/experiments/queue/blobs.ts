// Bytes of any length in a Redis, whose values are limited: pieces, and an entry that says what they are.

import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Redis } from 'ioredis';
import { sha256 } from '../../files/sha256.js';

const pack = promisify(gzip);
const unpack = promisify(gunzip);

const PIECE = 4 << 20;
/** Seconds for which bytes that nobody asks for are kept: a week. */
const LIFE = 7 * 24 * 3600;

interface Entry {
  pieces: number;
  sha256: string;
}

const pieceKey = (key: string, index: number) => `${key}:${index}`;

const damaged = (key: string, what: string) => new Error(`${key}: damaged in the queue: ${what}`);

async function entryOf(redis: Redis, key: string): Promise<Entry | undefined> {
  const text = await redis.get(key);
  if (text === null) return undefined;
  const entry = parseEntry(text);
  if (!entry) throw damaged(key, `its entry is ${text.slice(0, 80)}, no count of pieces with a checksum`);
  return entry;
}

function parseEntry(text: string): Entry | undefined {
  try {
    const { pieces, sha256: sum } = JSON.parse(text) as Partial<Entry>;
    return Number.isSafeInteger(pieces) && typeof sum === 'string'
      ? { pieces: pieces as number, sha256: sum }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Puts bytes into a Redis for a week.
 *
 * @param key of the entry; it appears when all pieces are there
 */
export async function putBlob(redis: Redis, key: string, bytes: Uint8Array): Promise<void> {
  const entry: Entry = { pieces: Math.ceil(bytes.length / PIECE), sha256: await sha256(bytes) };
  for (let index = 0; index < entry.pieces; index++) {
    const piece = await pack(bytes.subarray(index * PIECE, (index + 1) * PIECE), { level: 1 });
    await redis.set(pieceKey(key, index), piece, 'EX', LIFE);
  }
  await redis.set(key, JSON.stringify(entry), 'EX', LIFE);
}

/**
 * @returns the bytes; undefined if they are not there as a whole
 * @throws Error if they are not those that were put there; no piece is unpacked beyond the length of one
 */
export async function getBlob(redis: Redis, key: string): Promise<Uint8Array | undefined> {
  const entry = await entryOf(redis, key);
  if (!entry) return undefined;
  const pieces: Buffer[] = [];
  for (let index = 0; index < entry.pieces; index++) {
    const piece = await redis.getBuffer(pieceKey(key, index));
    if (!piece) return undefined;
    pieces.push(
      await unpack(piece, { maxOutputLength: PIECE }).catch((error: Error) => {
        throw damaged(key, `piece ${index + 1} of ${entry.pieces}: ${error.message}`);
      }),
    );
  }
  const bytes = Buffer.concat(pieces);
  if ((await sha256(bytes)) !== entry.sha256) throw damaged(key, 'its checksum differs');
  return bytes;
}

const keysOf = (key: string, { pieces }: Entry) => [
  key,
  ...Array.from({ length: pieces }, (_, index) => pieceKey(key, index)),
];

/**
 * Has bytes kept for another week.
 *
 * @returns whether they are there as a whole
 */
export async function keepBlob(redis: Redis, key: string): Promise<boolean> {
  const entry = await entryOf(redis, key);
  if (!entry) return false;
  const kept = await Promise.all(keysOf(key, entry).map((part) => redis.expire(part, LIFE)));
  return kept.every((found) => found === 1);
}

/** Removes bytes, if they are there. */
export async function removeBlob(redis: Redis, key: string): Promise<void> {
  const entry = await entryOf(redis, key);
  if (entry) await redis.del(...keysOf(key, entry));
}
