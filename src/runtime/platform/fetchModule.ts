/** The bytes of a module; undefined where a bundler left no file there, for which a server may also answer with a page. */
export async function fetchModule(address: () => URL): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const response = await fetch(address());
    const bytes = new Uint8Array(await response.arrayBuffer());
    return response.ok && WebAssembly.validate(bytes) ? bytes : undefined;
  } catch {
    return undefined;
  }
}
