import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLines } from '../../src/files/readLines.js';

let path: string;

beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'primal-attention-lines-')), 'lines');
});
afterAll(() => rm(join(path, '..'), { recursive: true }));

async function linesOf(text: string): Promise<string[]> {
  await writeFile(path, text);
  const found: string[] = [];
  for await (const lines of readLines(path)) found.push(...lines);
  return found;
}

describe('readLines', () => {
  it.each([
    ['', []],
    ['\n', ['']],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\r', ['a']],
    ['a\r\n\r\nb\r\n', ['a', '', 'b']],
    ['a\n\rb\rc', ['a', '', 'b', 'c']],
  ])('parts %j', async (text, lines) => {
    expect(await linesOf(text)).toEqual(lines);
  });

  // Pieces have 2^18 bytes.
  const piece = 2 ** 18;

  it.each([-2, -1, 0, 1])('keeps a line end together that begins %d bytes from a piece’s end', async (offset) => {
    const first = 'x'.repeat(piece + offset);
    for (const end of ['\r\n', '\r', '\n']) expect(await linesOf(`${first}${end}b${end}`)).toEqual([first, 'b']);
    expect(await linesOf(`${first}\r\r\nb`)).toEqual([first, '', 'b']);
  });

  it('keeps characters of several bytes and lines of several pieces together', async () => {
    const line = `a${'é€😀'.repeat(200_000)}`;
    expect(await linesOf(`${line}\n${line}`)).toEqual([line, line]);
  });
});
