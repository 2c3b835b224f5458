// Which vector instructions WebAssembly has, asked without Node or tfjs.

/** A module with one function that runs `opcode` (a SIMD opcode, LEB128) on `operands` vectors. */
function probe(operands: number, ...opcode: number[]): Uint8Array<ArrayBuffer> {
  const zeroVector = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
  const body = [0, ...Array.from({ length: operands }, () => zeroVector).flat(), 0xfd, ...opcode, 0x1a, 0x0b];
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0];
  return new Uint8Array([...header, 10, body.length + 2, 1, body.length, ...body]);
}

const F32X4_ADD = [0xe4, 0x01];
const F32X4_RELAXED_MADD = [0x85, 0x02];

/** Whether WebAssembly has 128-bit SIMD. */
export function hasSimd(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(probe(2, ...F32X4_ADD));
}

/** Whether WebAssembly has relaxed SIMD. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(probe(3, ...F32X4_RELAXED_MADD));
}
