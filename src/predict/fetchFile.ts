/** The error of a file that cannot be read. */
export function unreadable({ href }: URL, error: unknown): Error {
  return new Error(`loadPredictor: ${href} could not be read: ${(error as Error).message}`, { cause: error });
}

/** Bytes of a file by its address. Throws Error that names the address. */
export async function fetchFile(address: URL): Promise<ArrayBuffer> {
  const response = await fetch(address).catch((error: unknown) => {
    throw unreadable(address, error);
  });
  if (!response.ok) throw new Error(`loadPredictor: ${address.href} could not be read: ${response.status}`);
  return response.arrayBuffer();
}
