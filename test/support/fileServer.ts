import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server does with a request; `number` counts them from 0. */
export type Handler = (request: IncomingMessage, response: ServerResponse, number: number) => void;

/** A local HTTP server for one test. */
export interface FileServer {
  /** http://127.0.0.1:PORT */
  url: string;
  /** Headers of the requests so far. */
  requests: IncomingMessage['headers'][];
  close(): Promise<void>;
}

/** Starts a server. */
export async function serve(handler: Handler): Promise<FileServer> {
  const requests: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    requests.push(request.headers);
    handler(request, response, requests.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Answers as a file server does, ranges included.
 *
 * @param content the file
 * @param options etag: its version; breakAfter: bytes after which the connection breaks
 */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Uint8Array,
  { etag, breakAfter = Infinity }: { etag?: string; breakAfter?: number } = {},
): void {
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const start = from && request.headers['if-range'] === etag ? Number(from) : 0;
  const rest = content.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    'content-length': rest.length,
    ...(etag && { etag }),
    ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
  });
  if (rest.length <= breakAfter) response.end(rest);
  // A reset discards what the other side has not read yet: it gets the time, on a busy machine too.
  else response.write(rest.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 250));
}
