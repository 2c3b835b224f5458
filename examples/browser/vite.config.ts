import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** With these a page is cross-origin isolated, and its workers may share memory: threads need it. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // The data sets of the repository, served as they are.
  publicDir: fromRoot('datasets'),
  // The package is the one of this repository; in a project of your own you install it.
  resolve: { alias: { 'primal-attention': fromRoot('dist/index.js') } },
  server: { headers: isolation, fs: { allow: [fromRoot('.')] } },
  preview: { headers: isolation },
  worker: { format: 'es' },
  // Found at once instead of when they are first imported, which would load the page anew.
  optimizeDeps: {
    include: [
      ...['core', 'layers', 'backend-wasm'].map((part) => `@tensorflow/tfjs-${part}`),
      ...['vega', 'vega-lite'],
    ],
  },
  build: { outDir: fromRoot('build/example'), emptyOutDir: true, chunkSizeWarningLimit: Infinity },
});
