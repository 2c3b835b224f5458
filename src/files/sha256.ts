import { nodeModule } from '../nodeModule.js';

/**
 * The SHA-256 of some bytes or of a text in UTF-8. Node only.
 *
 * @returns 64 hexadecimal digits
 */
export async function sha256(content: string | Uint8Array): Promise<string> {
  const { createHash } = await nodeModule('node:crypto');
  return createHash('sha256').update(content).digest('hex');
}
