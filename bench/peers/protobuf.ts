// As much of the encoding of Protocol Buffers as an ONNX model needs.

/** Bytes of a field, its number and type before them. */
export type Field = Uint8Array;

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

function field(number: number, type: number, ...parts: (number[] | Uint8Array)[]): Field {
  return concat([Uint8Array.from(varint(number * 8 + type)), ...parts.map((part) => Uint8Array.from(part))]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A non-negative integer. */
export function integer(number: number, value: number): Field {
  return field(number, VARINT, varint(value));
}

export function float(number: number, value: number): Field {
  return field(number, FIXED32, new Uint8Array(Float32Array.of(value).buffer));
}

export function bytes(number: number, value: Uint8Array): Field {
  return field(number, BYTES, varint(value.length), value);
}

export function text(number: number, value: string): Field {
  return bytes(number, new TextEncoder().encode(value));
}

export function message(number: number, fields: readonly Field[]): Field {
  return bytes(number, concat(fields));
}
