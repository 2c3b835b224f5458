// tfjs-layers' own published tests lie in its source repository, not in its package: a folder `tfjs-layers/src` of it, at the
// version of the package, is named by LAYERS_TESTS. They are run on the package: what they import beside them is there.

import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const packaged = fileURLToPath(new URL('../../node_modules/@tensorflow/tfjs-layers/dist/', import.meta.url));

/** The folder; undefined where none is named. */
export const layersFolder = process.env.LAYERS_TESTS && resolve(process.env.LAYERS_TESTS);

/** Files of the tests, but for one of the version in a package.json that is not there. */
export function layersFiles(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('_test.ts') && file !== 'version_test.ts')
    .sort()
    .map((file) => join(folder, file));
}

/** Has the tests import the package. */
export function layersTests(): Plugin {
  return {
    name: 'tests of tfjs-layers',
    enforce: 'pre',
    resolveId(source, importer) {
      if (!layersFolder || !importer?.startsWith(layersFolder)) return undefined;
      if (!source.startsWith('.')) return this.resolve(source, join(packaged, 'index.js'));
      const path = resolve(dirname(importer), source);
      return existsSync(`${path}_test.ts`) && source.endsWith('_test')
        ? `${path}.ts`
        : join(packaged, `${relative(layersFolder, path)}.js`);
    },
    transform(code, id) {
      // Many are for 'cpu' only; here they are for the backend that is tested.
      if (!id.endsWith('tfjs-layers/dist/utils/test_utils.js')) return undefined;
      return code.replaceAll("testEnv.backendName === 'cpu'", 'true');
    },
  };
}
