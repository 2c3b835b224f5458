const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);

/** The nearest integer, the even one of two. */
function nearestEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

/** The bits of the nearest float16: 1 of sign, 5 of exponent, 10 of fraction; those of Infinity beyond its range. */
export function float16Of(value: number): number {
  floats[0] = value;
  const sign = (words[0] >>> 16) & 0x8000;
  if (Number.isNaN(value)) return 0x7e00;
  const exponent = ((words[0] >>> 23) & 255) - 127;
  if (exponent < -14) return sign | nearestEven(Math.abs(floats[0]) * 2 ** 24);
  // A fraction that rounds up to 1024 goes on to the next exponent by itself.
  const bits = ((exponent + 15) << 10) + nearestEven(Math.abs(floats[0]) * 2 ** (10 - exponent)) - 1024;
  return sign | Math.min(bits, 0x7c00);
}
