const text = (word: string) => [word.length, ...Array.from(word, (letter) => letter.charCodeAt(0))];
const memoryImport = [1, ...text('env'), ...text('memory'), 2];
/** Section 2, of 15 bytes: at least 0 pages. */
const own = [2, 15, ...memoryImport, 0, 0];
/** The same of 18 bytes: shared, and with tfjs's own maximum, 65536 pages. */
const shared = [2, 18, ...memoryImport, 3, 0, 0x80, 0x80, 0x04];

/**
 * The kernels for a memory that threads share. Their code is the same (threads meet in pool.ts only), and a module says of
 * what kind the memory is that it imports.
 *
 * @param binary a build of the kernels
 * @throws Error if it does not import a memory as the kernels do
 */
export function shareMemory(binary: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = binary.findIndex((_, start) => own.every((byte, index) => binary[start + index] === byte));
  if (at < 0) throw new Error('the kernels do not import a memory of their own');
  const result = new Uint8Array(binary.length + shared.length - own.length);
  result.set(binary.subarray(0, at));
  result.set(shared, at);
  result.set(binary.subarray(at + own.length), at + shared.length);
  return result;
}
