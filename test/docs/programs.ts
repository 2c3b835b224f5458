// TypeScript from the documentation, checked and run.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './pages.js';

/**
 * Type-checks programs, each a module of its own, as strictly as the tests; imports mean what they mean to a user.
 *
 * @param programs source text by a name that errors show
 * @returns what the compiler complains of, `name:line: reason`
 */
export function typeErrors(programs: ReadonlyMap<string, string>): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'test/tsconfig.json'),
    { noUnusedLocals: false, noUnusedParameters: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  )!;
  const host = ts.createCompilerHost(config.options);
  const onDisk = { ...host };
  const names = [...programs.keys()];
  // Files that exist only here, in a folder of the package, so that it finds itself by its name.
  const paths = new Map(names.map((name, index) => [join(root, `test/docs/program${index}.ts`), name]));
  const textOf = (path: string) => programs.get(paths.get(path) ?? '');
  host.fileExists = (path) => paths.has(path) || onDisk.fileExists(path);
  host.readFile = (path) => textOf(path) ?? onDisk.readFile(path);
  host.getSourceFile = (path, options, ...rest) => {
    const text = textOf(path);
    return text === undefined ? onDisk.getSourceFile(path, options, ...rest) : ts.createSourceFile(path, text, options);
  };
  const program = ts.createProgram([...paths.keys()], config.options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start!).line + 1 : 0;
    return `${paths.get(file?.fileName ?? '')}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

const builtin = createRequire(import.meta.url);

/**
 * Runs a program; its top level may await.
 *
 * @param modules what it may import besides Node's own modules, by name
 */
export async function run(code: string, modules: Readonly<Record<string, unknown>>): Promise<void> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
  });
  const require = (name: string): unknown => {
    if (name.startsWith('node:')) return builtin(name);
    if (!(name in modules)) throw new Error(`the page imports '${name}', which a reader may not have`);
    return modules[name];
  };
  const AsyncFunction = (async () => {}).constructor as new (
    ...source: string[]
  ) => (...values: unknown[]) => Promise<void>;
  await new AsyncFunction('require', 'exports', outputText)(require, {});
}
