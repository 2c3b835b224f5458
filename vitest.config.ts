import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { layersTests } from './test/conformance/layersTests.js';

/** The tests run the source, not what is built of it. */
const platform = fileURLToPath(new URL('src/runtime/platform/node.ts', import.meta.url));

export default defineConfig({
  resolve: { alias: { '#platform': platform } },
  test: {
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // No test downloads from the archive, or finds what somebody else did: fetch refuses port 1 at once.
    env: {
      PRIMAL_ATTENTION_ARCHIVE: 'http://127.0.0.1:1',
      PRIMAL_ATTENTION_CACHE: join(tmpdir(), 'primal-attention-no-cache'),
    },
    reporters: ['default', './test/support/tally.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/conformance/**', 'test/bundlers/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'bundlers',
          include: ['test/bundlers/*.test.ts'],
          globalSetup: 'test/bundlers/setup.ts',
          // Bundlers take long on a busy machine.
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        // tfjs-core's tests import its ES modules by path, so everything else must use these too: two copies of
        // tfjs-core would be two engines. Node cannot load them as they are, so Vite does (`inline`).
        plugins: [layersTests()],
        resolve: { alias: [{ find: /^(@tensorflow\/tfjs-[a-z-]+)$/, replacement: '$1/dist/index.js' }] },
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          server: { deps: { inline: [/@tensorflow/] } },
        },
      },
    ],
  },
});
