import { gzipSync } from 'node:zlib';
import type { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { getBlob, putBlob } from '../../src/experiments/queue/blobs.js';

/** What a Redis does with keys and values. */
function memory() {
  const values = new Map<string, string | Buffer>();
  const redis = {
    get: (key: string) => Promise.resolve(values.get(key)?.toString() ?? null),
    getBuffer: (key: string) => Promise.resolve(values.has(key) ? Buffer.from(values.get(key)!) : null),
    set: (key: string, value: string | Buffer) => Promise.resolve(values.set(key, value)),
  } as unknown as Redis;
  return { values, redis };
}

const bytes = Uint8Array.from({ length: 5 << 20 }, (_, i) => i % 251);

it('gives back what was put, in pieces', async () => {
  const { values, redis } = memory();
  await putBlob(redis, 'data', bytes);
  expect([...values.keys()]).toEqual(['data:0', 'data:1', 'data']);
  expect(Buffer.compare((await getBlob(redis, 'data'))!, bytes)).toBe(0);
  values.delete('data:1');
  expect(await getBlob(redis, 'data')).toBeUndefined();
  expect(await getBlob(redis, 'other')).toBeUndefined();
});

it.each([
  ['an entry of no JSON', 'data', 'pieces', /^data: damaged in the queue: its entry is pieces,/],
  ['an entry of something else', 'data', '{"pieces":"2"}', /its entry is \{"pieces":"2"\}/],
  ['a piece that is not packed', 'data:1', Buffer.from('none'), /piece 2 of 2: incorrect header check/],
  ['a piece that is cut off', 'data:1', gzipSync(bytes.subarray(9)).subarray(0, 99), /piece 2 of 2: unexpected end/],
  ['a piece of 100 MB', 'data:0', gzipSync(new Uint8Array(1e8)), /piece 1 of 2: Cannot create a Buffer larger than/],
  ['other bytes', 'data:1', gzipSync(bytes.subarray(9, 99)), /its checksum differs$/],
])('names %s as damaged', async (_, key, value, message) => {
  const { values, redis } = memory();
  await putBlob(redis, 'data', bytes);
  values.set(key, value);
  await expect(getBlob(redis, 'data')).rejects.toThrow(message);
});
