// A folder as a site, for browsers.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type FileServer, serve } from '../support/fileServer.js';

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** A page whose code may come from its own files and WebAssembly only. */
export const strictPolicy = { 'Content-Security-Policy': "script-src 'self' 'wasm-unsafe-eval'" };

/** A page whose threads may share memory. */
export const isolating = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export interface Site extends FileServer {
  /** Bytes of the files that were sent, each once, packed by gzip; by the ends of their names. */
  bytes: Record<string, number>;
}

/**
 * Serves a folder.
 *
 * @param folders by the beginning of an address: { '/': dist, '/vowels/': ... }; the longest that fits counts
 * @param headers of every answer
 */
export async function openSite(
  folders: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const bytes: Record<string, number> = {};
  const sent = new Set<string>();
  const starts = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server = await serve((request, response) => {
    const pathname = decodeURIComponent(new URL(request.url!, 'http://localhost').pathname);
    const start = starts.find((start) => pathname.startsWith(start))!;
    const path = join(folders[start], pathname.slice(start.length), pathname.endsWith('/') ? 'index.html' : '');
    if (!existsSync(path) || !statSync(path).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const content = readFileSync(path);
    const type = extname(path);
    if (!sent.has(path)) bytes[type] = (bytes[type] ?? 0) + gzipSync(content).length;
    sent.add(path);
    response.writeHead(200, { 'Content-Type': types[type] ?? 'application/octet-stream', ...headers });
    response.end(content);
  });
  return Object.assign(server, { bytes });
}
