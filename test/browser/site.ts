// A page that uses the package, bundled as a user would and served with and without cross-origin isolation.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../../', import.meta.url));

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

const isolating = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export interface Site {
  /** Addresses of the page. */
  isolated: string;
  plain: string;
  /** Paths that were asked for. */
  requests: string[];
  close(): Promise<void>;
}

/**
 * Bundles the page with Vite, and serves it.
 *
 * @param mounts further folders to serve, by the first part of their files' addresses: { models: '/tmp/...' }
 */
export async function openSite(mounts: Readonly<Record<string, string>> = {}): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'primal-attention-page-'));
  await build({
    root: join(root, 'test/browser/page'),
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { 'primal-attention': join(root, 'dist/index.js') } },
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: Infinity },
  });
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const pathname = decodeURIComponent(new URL(request.url!, 'http://localhost').pathname);
      requests.push(pathname);
      const file = pathname.replace(/^\/(isolated|plain)\//, '/index.html/').replace(/\/$/, '');
      const [, mount, rest] = /^\/([^/]+)\/(.+)$/.exec(file) ?? [];
      const path = mount in mounts ? join(mounts[mount], rest) : join(folder, file);
      const body = await readFile(path).catch(() => undefined);
      const headers = pathname.startsWith('/plain') ? {} : isolating;
      response.writeHead(body ? 200 : 404, { 'Content-Type': types[extname(path)] ?? 'text/plain', ...headers });
      response.end(body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    isolated: `http://127.0.0.1:${port}/isolated/`,
    plain: `http://127.0.0.1:${port}/plain/`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}
