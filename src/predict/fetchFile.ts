/** Bytes of a file by its address. Throws Error that names the address. */
export async function fetchFile(address: URL): Promise<ArrayBuffer> {
  const response = await fetch(address).catch((error: unknown) => {
    throw new Error(`loadPredictor: ${address.href} could not be read: ${(error as Error).message}`, { cause: error });
  });
  if (!response.ok) throw new Error(`loadPredictor: ${address.href} could not be read: ${response.status}`);
  return response.arrayBuffer();
}
