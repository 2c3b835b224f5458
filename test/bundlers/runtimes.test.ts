/** The package in runtimes other than this Node and browsers: the same programs say the same. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { type Answer, expectSame, note, type Part, parts, showNotes } from './answers.js';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const project = inject('project');
showNotes();

/** Runs a command in a folder; gives the JSON that it prints. */
async function runIn<T = Answer>(folder: string, command: string, ...args: string[]): Promise<T> {
  const { stdout } = await execute(command, args, { cwd: folder });
  return JSON.parse(stdout) as T;
}

const run = <T = Answer>(command: string, ...args: string[]) => runIn<T>(project, command, ...args);

const tool = (name: string) => join(project, 'node_modules/.bin', name);
const otherNode = (major: number) => join(project, `node_modules/node-${major}/bin/node`);

/** Programs, and what they are given before a file to run. */
const runtimes: Record<string, [string, ...string[]]> = {
  'Node 22': [otherNode(22)],
  'Node 24': [otherNode(24)],
  'Node 26': [otherNode(26)],
  Deno: [tool('deno'), 'run', '--allow-all'],
  Bun: [tool('bun')],
};

/** Other versions of Node are packages for some systems only. */
const installed = Object.entries(runtimes).filter(([name, [program]]) => {
  if (project && !existsSync(program)) console.warn(`${name} is not installed: its tests are skipped.`);
  return existsSync(program);
});

describe.runIf(project).each(installed)('%s', (name, runtime) => {
  it.each(parts)('says the same on one thread: %s', async (part) => {
    const answer = await run(...runtime, `${part}/run.js`, '{"threads":1}');
    expectSame(part, answer);
    expect(answer.threads).toBe(1);
    note(`${name}, ${part}`, answer);
  });

  it.each(parts)('says the same on two threads: %s', async (part) => {
    const answer = await run(...runtime, `${part}/run.js`, '{"threads":2}');
    expectSame(part, answer);
    expect(answer.threads).toBe(2);
  });

  it('takes all cores by default', async () => {
    const { threads, notes } = await run(...runtime, 'main/run.js');
    expect({ threads, notes }).toEqual({ threads: availableParallelism(), notes: [] });
  });

  it('a thread that dies is an error while nothing gives way to events, until init starts others', async () => {
    const said = await run<object>(...runtime, 'death.js');
    expect(said).toEqual({ threads: 2, name: 'ThreadError', again: 2, sum: 1024 ** 3 });
  });
});

describe.runIf(project)('a program that Bun has compiled', () => {
  /** Alone in a folder of its own: nothing of the project is to be found. */
  const alone = temporaryFolder();
  const compile = async (part: Part, ...flags: string[]) => {
    const program = join(alone, `${part}${flags.length}`);
    await execute(tool('bun'), ['build', '--compile', ...flags, `--outfile=${program}`, `${part}/run.js`], {
      cwd: project,
    });
    return program;
  };

  it.each<[Part, ...string[]]>([['predict'], ['main', '--ignore-dce-annotations']])(
    'says the same, on one thread and two: %s',
    async (part, ...flags) => {
      const program = await compile(part, ...flags);
      for (const threads of [1, 2]) {
        const answer = await runIn(alone, program, JSON.stringify({ threads }));
        expectSame(part, answer);
        expect(answer.threads).toBe(threads);
      }
    },
  );

  it('says which flag it lacks', async () => {
    await expect(runIn(alone, await compile('main'))).rejects.toThrow('Bun keeps it with --ignore-dce-annotations');
  });
});

describe.runIf(project)('a bundle for Node, in CommonJS, by esbuild', () => {
  const alone = temporaryFolder();
  const bundle = async (part: Part) => {
    const output = join(alone, `${part}.cjs`);
    const args = [`${part}/commonJs.js`, '--bundle', '--platform=node', `--outfile=${output}`, '--log-level=error'];
    await execute(tool('esbuild'), args, { cwd: project });
    return output;
  };

  it('predicts, on one thread and two', async () => {
    const program = await bundle('predict');
    for (const threads of [1, 2]) {
      const answer = await runIn(alone, process.execPath, program, JSON.stringify({ threads }));
      expectSame('predict', answer);
      expect(answer.threads).toBe(threads);
    }
  });

  it("attends where it is told of tfjs's binary, and says which line helps", async () => {
    const program = await bundle('main');
    const { error } = await runIn(alone, process.execPath, program);
    expect(error).toMatch("setWasmPaths('/the/address/of/that/folder/')");
    const binaries = join(project, 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/');
    const said = await runIn<object>(alone, process.execPath, program, binaries);
    expect(said).toEqual({
      shape: [1, 2, 8, 4],
      notes: ["threads: 1, since tfjs's wasm backend came up without shared memory"],
    });
  });
});

describe.runIf(project)('edge runtimes', () => {
  const ask = (runtime: string, folder: string) =>
    run<Answer & { processBytes?: number }>(
      process.execPath,
      fileURLToPath(new URL('edge.mjs', import.meta.url)),
      runtime,
      join(project, folder),
    );
  const expectOneThread = (part: Part, { threads, notes }: Answer) => {
    expect(threads).toBe(1);
    if (part === 'main') expect(notes).toContainEqual(expect.stringMatching('threads: 1, since'));
  };

  describe.each(['workerd', 'workerd with nodejs_compat'])('%s, by wrangler', (runtime) => {
    it.each(parts)('says the same, in the 128 MB that a worker has: %s', async (part) => {
      const answer = await ask(runtime, part);
      expectSame(part, answer);
      expectOneThread(part, answer);
      note(`${runtime}, ${part}`, answer);
      expect(answer.processBytes).toBeLessThan(128 * 2 ** 20);
    });
  });

  it.each(parts)("Vercel's edge-runtime says the same: %s", async (part) => {
    const answer = await ask('edge-runtime', part);
    expectSame(part, answer);
    expectOneThread(part, answer);
  });

  it('the example of a worker classifies', async () => {
    const folder = join(project, 'worker');
    cpSync(join(root, 'examples/worker'), folder, { recursive: true });
    for (const file of ['model.json', 'weights.bin']) cpSync(join(project, 'vowels', file), join(folder, file));
    const { probabilities } = await run<{ probabilities: number[] }>(
      process.execPath,
      fileURLToPath(new URL('edge.mjs', import.meta.url)),
      'worker',
      folder,
    );
    expectSame('predict', { results: { probabilities } } as unknown as Answer);
  });
});
