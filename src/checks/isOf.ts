/** Whether a value is of a built-in class, whichever realm it comes from: edge runtimes have one of their own. */
export function isOf(
  name: 'ArrayBuffer' | 'Float32Array' | 'Uint8Array' | 'WebAssembly.Module',
  value: unknown,
): boolean {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}
