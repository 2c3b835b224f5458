/** What a page loads of the package: the parts that it uses, and what these need. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';
import { describe, expect, it } from 'vitest';
import { userProject } from '../support/userProject.js';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const packages = fileURLToPath(new URL('../../node_modules/', import.meta.url));

const attend = (from: string) => `import { attention, init } from '${from}'; globalThis.run = { attention, init };`;
const entries = {
  main: attend('primal-attention'),
  attention: attend('primal-attention/attention'),
  data: "import { parseTimeSeries, standardize } from 'primal-attention/data'; globalThis.run = { parseTimeSeries, standardize };",
  init: "import { init } from 'primal-attention'; globalThis.run = init;",
  load: "import { load } from 'primal-attention/training'; globalThis.run = load;",
  adamW: "import { adamW } from 'primal-attention'; globalThis.run = adamW;",
  layers: "import 'primal-attention/layers';",
};
const project = userProject(Object.fromEntries(Object.entries(entries).map(([name, text]) => [`${name}.js`, text])));

/** What is loaded at once of a page of one module, minified. */
interface Page {
  /** Modules of dist/, and names of the packages of others, of which code is left. */
  own: string[];
  others: string[];
  /** Of all that the package needs, gzip. */
  kilobytes: number;
}

async function load(entry: keyof typeof entries, external: RegExp[] = []): Promise<Page> {
  const result = await build({
    ...{ root: project, configFile: false, logLevel: 'error' },
    build: { write: false, rollupOptions: { input: `${project}/${entry}.js`, external } },
  });
  const { output } = result as Rollup.RollupOutput;
  const chunks = output.filter((one) => one.type === 'chunk');
  const loaded = new Set<string>();
  const visit = (name: string) => {
    const chunk = chunks.find(({ fileName }) => fileName === name);
    if (!chunk || loaded.has(name)) return;
    loaded.add(name);
    chunk.imports.forEach(visit);
  };
  visit(chunks.find(({ isEntry }) => isEntry)!.fileName);
  const parts = chunks.filter(({ fileName }) => loaded.has(fileName));
  const modules = parts.flatMap((chunk) =>
    Object.entries(chunk.modules).flatMap(([path, { renderedLength }]) => (renderedLength > 0 ? [path] : [])),
  );
  const nameIn = (path: string) => /^(@[^/]+\/)?[^/]+/.exec(path.slice(packages.length))![0];
  const others = modules.filter((path) => path.startsWith(packages)).map(nameIn);
  return {
    own: modules.filter((path) => path.startsWith(dist)).map((path) => path.slice(dist.length)),
    others: [...new Set(others)].sort(),
    kilobytes: parts.reduce((sum, { code }) => sum + gzipSync(code).length / 1000, 0),
  };
}

const foldersOf = ({ own }: Page) =>
  [...new Set(own.filter((path) => path.includes('/')).map((path) => path.split('/')[0]))].sort();

describe('a page that uses attention', () => {
  it.each([
    ['main', ['checks', 'kernels', 'layers', 'ops', 'runtime'], 58, 240],
    ['attention', ['checks', 'kernels', 'ops', 'runtime'], 42, 160],
  ] as const)(
    'from %s loads %j of the package, and no models, readers or charts',
    async (entry, folders, most, all) => {
      const page = await load(entry);
      expect(foldersOf(page)).toEqual(folders);
      const layers = entry === 'main' ? ['@tensorflow/tfjs-layers'] : [];
      const tfjs = [
        '@tensorflow/tfjs-backend-cpu',
        '@tensorflow/tfjs-backend-wasm',
        '@tensorflow/tfjs-core',
        ...layers,
      ];
      expect(page.others).toEqual([...tfjs, 'long', 'seedrandom']);
      const own = await load(entry, [/^@tensorflow/]);
      console.info('gzip, KB:', { entry, own: own.kilobytes, all: page.kilobytes });
      expect(own.kilobytes).toBeLessThan(most);
      expect(page.kilobytes).toBeLessThan(all);
    },
  );
});

describe('what a bundler must not drop', () => {
  it.each(['init', 'load', 'layers'] as const)(
    'is there with %s: all layers that a model file may name',
    async (entry) => {
      const { own } = await load(entry);
      const layers = ['FusedDense', 'MultiHeadAttention', 'SeriesPatches', 'TransformerEncoderLayer'];
      const files = layers.map((name) => `layers/${name[0].toLowerCase()}${name.slice(1)}.js`);
      expect(own).toEqual(expect.arrayContaining(['layers/register.js', ...files]));
    },
  );

  it('is there with an optimizer: its place in the registry of tfjs', async () => {
    const { own } = await load('adamW');
    expect(own).toContain('training/adamW.js');
    expect(own).not.toContain('training/rAdam.js');
  });
});

it('a page that reads data loads no TensorFlow.js', async () => {
  const page = await load('data');
  expect(['checks', 'data', 'files']).toEqual(expect.arrayContaining(foldersOf(page)));
  expect(page.others).toEqual([]);
});
