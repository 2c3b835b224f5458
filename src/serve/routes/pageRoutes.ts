import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { contentSecurityPolicy, css, html } from '../page/html.js';

/** The page's modules, beside it. */
const scripts = ['main.js', 'server.js', 'drawCase.js', 'showPredictions.js'];

export function pageRoutes(server: FastifyInstance): void {
  const headers = {
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  };
  server.get('/', (_, reply) => reply.headers(headers).type('text/html; charset=utf-8').send(html));
  server.get('/page/style.css', (_, reply) => reply.headers(headers).type('text/css; charset=utf-8').send(css));
  for (const name of scripts) {
    server.get(`/page/${name}`, async (_, reply) => {
      const code = await readFile(new URL(`../page/${name}`, import.meta.url));
      return reply.headers(headers).type('text/javascript; charset=utf-8').send(code);
    });
  }
}
