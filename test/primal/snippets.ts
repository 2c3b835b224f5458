// The code of a documentation page, made to run.

import { readFileSync } from 'node:fs';
import ts from 'typescript';

export interface Snippet {
  /** The heading above, and which snippet below it this is. */
  title: string;
  code: string;
}

/** The ```ts blocks of a page under docs/, in its order. */
export function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  let heading = '';
  let below = 0;
  return [...text.matchAll(/^#+ (.+)$|^```ts\n([^]*?)^```$/gm)].flatMap(([, title, code]) => {
    if (code !== undefined) return [{ title: `${heading}, ${++below}`, code }];
    heading = title;
    below = 0;
    return [];
  });
}

/** Runs TypeScript as a module whose imports are these modules; its top level may await. */
export async function run(code: string, modules: Readonly<Record<string, unknown>>): Promise<void> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
  });
  const require = (name: string) => {
    if (!(name in modules)) throw new Error(`the page imports '${name}', which a reader may not have`);
    return modules[name];
  };
  const AsyncFunction = (async () => {}).constructor as new (
    ...source: string[]
  ) => (...values: unknown[]) => Promise<void>;
  await new AsyncFunction('require', 'exports', outputText)(require, {});
}
