// Structs of 32-bit fields, as the kernels read them.

/** A field is an address, an integer, or a 32-bit float. */
export type Field = 'i32' | 'f32';

/** Writes `values` at `address`, in the order of `layout`, which is that of the @unmanaged class in assembly/. */
export function writeStruct<Name extends string>(
  buffer: ArrayBufferLike,
  address: number,
  layout: Readonly<Record<Name, Field>>,
  values: Readonly<Record<Name, number>>,
): void {
  const view = new DataView(buffer);
  let offset = address;
  for (const name in layout) {
    if (layout[name] === 'f32') view.setFloat32(offset, values[name], true);
    else view.setInt32(offset, values[name], true);
    offset += 4;
  }
}

/** Bytes of a struct. */
export function structBytes(layout: Readonly<Record<string, Field>>): number {
  return 4 * Object.keys(layout).length;
}
