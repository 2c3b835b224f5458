/** What a page that predicts loads, and what of it a runtime may not like. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import { userProject } from '../support/userProject.js';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** The modules that a module of dist/ imports, it and theirs included, and the names of what is not in dist/. */
function graphOf(entry: string): { modules: string[]; others: string[] } {
  const modules = new Set<string>();
  const others = new Set<string>();
  const visit = (path: string) => {
    if (modules.has(path)) return;
    modules.add(path);
    for (const [, name] of readFileSync(path, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      if (name.startsWith('.') && name.endsWith('.js')) visit(resolve(dirname(path), name));
      else others.add(name);
    }
  };
  visit(join(dist, entry));
  return { modules: [...modules].map((path) => relative(dist, path)), others: [...others] };
}

describe('the modules of primal-attention/predict', () => {
  it.each([
    ['predict/index.js', []],
    ['predict/edge.js', ['./kernels.relaxed.wasm?module', './kernels.simd.wasm?module']],
  ])('%s needs nothing but what lies beside it', (entry, wasm) => {
    const { modules, others } = graphOf(entry);
    expect(others).toEqual(wasm);
    expect(modules).toContain('kernels/attentionProblem.js');
    for (const path of modules) expect(readFileSync(join(dist, path), 'utf8')).not.toMatch(/\beval\(|new Function\(/);
  });

  it("predict/node.js needs Node's modules, and no tfjs", () => {
    const { others } = graphOf('predict/node.js');
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter((name) => !name.startsWith('node:'))).toEqual([]);
  });
});

describe('a page that predicts', () => {
  const project = userProject({
    'index.html': '<script type="module" src="main.js"></script>',
    'main.js': `
      import { loadPredictor } from 'primal-attention/predict';
      globalThis.predict = async (source, cases) => (await loadPredictor(source)).predict(cases);`,
  });
  let files: Map<string, Buffer>;
  const kilobytes = (pattern: RegExp) =>
    [...files].reduce((sum, [name, bytes]) => sum + (pattern.test(name) ? gzipSync(bytes).length / 1000 : 0), 0);

  beforeAll(async () => {
    await build({ root: project, configFile: false, logLevel: 'error' });
    const assets = join(project, 'dist/assets');
    files = new Map(readdirSync(assets).map((name) => [name, readFileSync(join(assets, name))]));
  });

  it('loads at most 30 KB of JavaScript and 40 KB of WebAssembly, from a file or, where that is missing, a module', () => {
    const [own, all] = [kilobytes(/^index.*\.js$/), kilobytes(/\.js$/)];
    const kernels = { simd: kilobytes(/simd.*wasm$/), relaxed: kilobytes(/relaxed.*wasm$/), inCode: all - own };
    console.info('gzip, KB:', { own, ...kernels });
    expect(own).toBeGreaterThan(5);
    expect(own).toBeLessThan(30);
    for (const size of Object.values(kernels)) {
      expect(size).toBeGreaterThan(5);
      expect(size).toBeLessThan(40);
    }
  });

  it('has no tfjs, nothing of Node, no eval', () => {
    for (const [name, bytes] of files) {
      if (name.endsWith('.js')) expect(bytes.toString()).not.toMatch(/tensorflow|node:|\beval\(|new Function/);
    }
  });
});
