/** The shape of the project: which way its modules depend on each other, and what its binaries may hold. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { shareMemory } from '../src/runtime/shareMemory.js';

const root = new URL('../', import.meta.url);

describe('dependency direction', () => {
  // A file that exists only here has no types to look up.
  const eslint = new ESLint({ cwd: fileURLToPath(root), overrideConfig: tseslint.configs.disableTypeChecked });

  /** The rules that stop `code` as a module of `folder`. */
  async function complaints(folder: string, code: string): Promise<(string | null)[]> {
    const [result] = await eslint.lintText(code, { filePath: `src/${folder}/virtual.ts` });
    return result.messages.map(({ ruleId }) => ruleId);
  }

  it.each([
    ['runtime', '../kernels/attention.js'],
    ['kernels', '../ops/attention.js'],
    ['ops', '../layers/attention.js'],
    ['ops', '../primal/features.js'],
    ['layers', '../models/classifier.js'],
    ['models', '../training/fit.js'],
    ['models', '../data/batches.js'],
    ['training', '../cli/main.js'],
    ['training', '../analysis/maps.js'],
    ['training', '../experiments/trainRun.js'],
    ['training', '../predict/load.js'],
    ['predict', '../training/fit.js'],
    ['experiments', '../cli/main.js'],
    ['serve', '../cli/main.js'],
    ['serve', '../experiments/trainRun.js'],
    ['predict', '../serve/startServer.js'],
    ['analysis', '../cli/main.js'],
    ['primal', '../layers/attention.js'],
    ['data', '../runtime/init.js'],
    ['ops/nested', '../../layers/attention.js'],
    ['kernels', '@tensorflow/tfjs-backend-wasm'],
    ['layers', '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js'],
  ])('keeps src/%s from %s', async (folder, target) => {
    expect(await complaints(folder, `import '${target}';`)).toEqual(['no-restricted-imports']);
    expect(await complaints(folder, `export * from '${target}';`)).toEqual(['no-restricted-imports']);
    expect(await complaints(folder, `await import('${target}');`)).toEqual(['no-restricted-syntax']);
  });

  it.each([
    ['runtime', '@tensorflow/tfjs-backend-wasm'],
    ['runtime', './generated/binaries.js'],
    ['kernels', '../runtime/init.js'],
    ['ops', '../kernels/attention.js'],
    ['layers', '../ops/attention.js'],
    ['models', '../ops/attention.js'],
    ['primal', '../ops/attention.js'],
    ['predict', '../layers/headProjections.js'],
    ['analysis', '../data/batches.js'],
    ['training', '../data/batches.js'],
    ['experiments', '../training/fit.js'],
    ['serve', '../predict/node.js'],
    ['cli', '../experiments/compareForms.js'],
  ])('lets src/%s import %s', async (folder, target) => {
    expect(await complaints(folder, `import '${target}';`)).toEqual([]);
    expect(await complaints(folder, `await import('${target}');`)).toEqual([]);
  });

  it('covers every folder of src', async () => {
    const entries = readdirSync(new URL('src/', root), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(folders).not.toEqual([]);
    for (const folder of folders) {
      expect(await complaints(folder, "import '../index.js';"), folder).toEqual(['no-restricted-imports']);
    }
  });

  it("leaves tfjs's heap to src/runtime", async () => {
    const code = 'export const pointer = (wasm: { _malloc(bytes: number): number }) => wasm._malloc(8);';
    expect(await complaints('ops', code)).not.toEqual([]);
    expect(await complaints('runtime', code)).toEqual([]);
  });

  it('keeps tfjs, but not its types, out of src/predict', async () => {
    const name = "'@tensorflow/tfjs-core'";
    for (const code of [`import ${name};`, `export * from ${name};`, `await import(${name});`]) {
      expect(await complaints('predict', code)).toEqual(['no-restricted-syntax']);
    }
    expect(await complaints('predict', `import type { Tensor } from ${name}; export type A = Tensor;`)).toEqual([]);
  });

  it('lets src/index.ts import everything', async () => {
    const [result] = await eslint.lintText("export * from './cli/main.js';", { filePath: 'src/index.ts' });
    expect(result.messages).toEqual([]);
  });
});

describe('kernel binaries', () => {
  const importSection = 2;
  const dataSection = 11;
  const dataCountSection = 12;

  /**
   * Contents of the sections of a WebAssembly module by their id: after a header of 8 bytes, each is an id, a size as
   * LEB128, and bytes.
   */
  function sectionsOf(binary: Buffer): Map<number, Buffer> {
    const sections = new Map<number, Buffer>();
    let at = 8;
    while (at < binary.length) {
      const id = binary[at++];
      let size = 0;
      for (let shift = 0, more = true; more; shift += 7) {
        const byte = binary[at++];
        size += (byte & 0x7f) * 2 ** shift;
        more = byte >= 0x80;
      }
      sections.set(id, binary.subarray(at, (at += size)));
    }
    return sections;
  }

  const targetsOf = (config: string) => {
    const { targets } = JSON.parse(readFileSync(new URL(config, root), 'utf8')) as {
      targets: Record<string, { outFile: string }>;
    };
    return targets;
  };
  const targets = targetsOf('asconfig.json');
  const predicting = Object.entries(targetsOf('asconfig.predict.json')).map(
    ([build, target]) => [`predict ${build}`, target] as const,
  );

  // They live on tfjs's heap, among its static data: any data of theirs would overwrite it; those that predict, in a memory
  // whose places are given out from its beginning. The bytes are read instead
  // of compiled, since not every Node compiles every build.
  it.each([...Object.entries(targets), ...predicting])(
    '%s holds no data and imports only the memory',
    (_, { outFile }) => {
      const sections = sectionsOf(readFileSync(new URL(outFile, root)));
      expect(sections.has(dataSection)).toBe(false);
      expect(sections.has(dataCountSection)).toBe(false);
      const oneMemory = Buffer.from('\x01\x03env\x06memory\x02\x00\x00', 'latin1');
      expect(sections.get(importSection)).toEqual(oneMemory);
    },
  );

  it.each(Object.entries(targets))('%s becomes one for a heap that threads share', (_, { outFile }) => {
    const binary = new Uint8Array(readFileSync(new URL(outFile, root)));
    const sections = sectionsOf(Buffer.from(shareMemory(binary)));
    // With a maximum, as LEB128 as large as that of tfjs's own, 65536 pages.
    const shared = Buffer.from('\x01\x03env\x06memory\x02\x03\x00\x80\x80\x04', 'latin1');
    expect(sections.get(importSection)).toEqual(shared);
    const others = sectionsOf(Buffer.from(binary));
    expect([...sections.keys()]).toEqual([...others.keys()]);
    for (const [id, bytes] of others) if (id !== importSection) expect(sections.get(id)).toEqual(bytes);
    expect(() => shareMemory(new Uint8Array(16))).toThrow('do not import a memory');
  });
});
