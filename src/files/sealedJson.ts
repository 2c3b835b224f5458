// JSON objects with a checksum inside: the first key, "checksum", says so, the last, "sha256", is that of the text before.

import { DamagedError } from './damagedError.js';
import { parseJson } from './parseJson.js';
import { sha256 } from './sha256.js';

const KIND = 'sha256';
const seal = /,\s*"sha256":\s*"([0-9a-f]{64})"\s*\}\n?$/;
/** Characters of the end in which the checksum is. */
const END = 120;

/**
 * @param value what JSON can hold, without keys named checksum or sha256
 * @param indent spaces of each level; default: all in one line
 * @returns the JSON with its checksum
 */
export async function sealedJson(value: object, indent = 0): Promise<string> {
  const text = JSON.stringify({ checksum: KIND, ...value }, null, indent);
  const [line, tail] = indent > 0 ? [`\n${' '.repeat(indent)}`, '\n'] : ['', ''];
  const body = text.slice(0, -1 - tail.length);
  const colon = indent > 0 ? ': ' : ':';
  return `${body},${line}"sha256"${colon}"${await sha256(body)}"${tail}}${tail}`;
}

/**
 * @param text a JSON object, with its checksum or, from earlier versions, without
 * @param path its file, for errors
 * @param what it is, for errors: 'a model'
 * @returns what it holds, and whether it has a checksum
 * @throws DamagedError if it is no JSON object, or not the one of its checksum
 */
export async function openSealedJson(
  text: string,
  path: string,
  what: string,
): Promise<{ value: Record<string, unknown>; isSealed: boolean }> {
  let found: unknown;
  try {
    found = parseJson(text);
  } catch (error) {
    throw new DamagedError(path, `not ${what}: ${(error as Error).message}`, { cause: error });
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw new DamagedError(path, `not ${what}: it must hold one JSON object`);
  }
  const { checksum, sha256: sum, ...value } = found as Record<string, unknown>;
  if (checksum === undefined && sum === undefined) return { value, isSealed: false };
  const match = seal.exec(text.slice(-END));
  const body = match && text.slice(0, text.length - match[0].length);
  if (checksum !== KIND || body === null || (await sha256(body)) !== match![1]) {
    throw new DamagedError(path, 'damaged: its checksum differs, so it is not what was written');
  }
  return { value, isSealed: true };
}
