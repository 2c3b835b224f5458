/** Several builds in one text, as scripts/build.mjs packs them. */
export interface PackedBinaries<Name extends string> {
  /** Bytes of each build, of which `text` holds pieces in turn. */
  sizes: Readonly<Record<Name, number>>;
  /** Bytes of a piece. */
  piece: number;
  /** Deflated, as base64. */
  text: string;
}

/** One of the packed builds. The runtime must have a DecompressionStream. */
export async function unpackBinary<Name extends string>(
  { sizes, piece, text }: PackedBinaries<Name>,
  build: Name,
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const all = new Uint8Array(await new Response(stream).arrayBuffer());
  const binary = new Uint8Array(sizes[build]);
  // Pieces of all builds in turn; those of a build that has ended are missing.
  for (let from = 0, done = 0; done < binary.length; done += piece) {
    for (const name in sizes) {
      const length = Math.max(0, Math.min(piece, sizes[name] - done));
      if (name === build) binary.set(all.subarray(from, from + length), done);
      from += length;
    }
  }
  return binary;
}
