/** What TypeScript knows of the kernels is what their source says; what it could not know is an error of the build. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { bindings } from '../../scripts/bindings.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

let folder: string | undefined;
afterEach(() => {
  if (folder) rmSync(folder, { recursive: true });
  folder = undefined;
});

/** Bindings of a project with these sources in assembly/. */
function bindingsOf(sources: Record<string, string>): string {
  folder = mkdtempSync(join(tmpdir(), 'bindings-'));
  mkdirSync(join(folder, 'assembly'));
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, 'assembly', name), text);
  return bindings(folder);
}

const index = "export { twice, twiceTasks, bytes } from './twice';";
const twice = `
/** One of many. @shared */ export const MOST: i32 = 2 * 16;
const OWN: i32 = 7;
export enum Kind { NONE, ONE = 4, TWO }
@unmanaged
export class TwiceProblem {
  x: usize;
  /** Or none. @optional */
  y: usize;
  count: i32;
  factor: f32;
}
@unmanaged
class Inner { z: i32; }
export function twiceTasks(p: TwiceProblem): i32 { return 1; }
export function twice(p: TwiceProblem, task: i32, _: usize): void {}
export function bytes(p: TwiceProblem): usize { return 0; }
`;

it('are up to date', () => {
  expect(readFileSync(join(root, 'src/runtime/generated/bindings.ts'), 'utf8')).toBe(bindings(root));
});

it('hold structs, tasks, functions, enumerations and shared constants, and nothing else', () => {
  const text = bindingsOf({ 'index.ts': index, 'twice.ts': twice });
  expect(text).toContain("TwiceProblem: { x: 'pointer', y: 'pointer', count: 'i32', factor: 'f32' }");
  expect(text).toContain('TwiceProblem: { x: Pointer; y?: Pointer | undefined; count: number; factor: number }');
  expect(text).toContain("tasks = {\n  twice: 'TwiceProblem',\n}");
  expect(text).toContain("functions = {\n  bytes: 'TwiceProblem',\n}");
  expect(text).toContain('Kind = { NONE: 0, ONE: 4, TWO: 5 }');
  expect(text).toContain('MOST = 32;');
  expect(text).not.toMatch(/OWN|Inner/);
});

it.each([
  ['a field of another type', twice.replace('count: i32', 'count: f64'), 'twice.ts:10: the type of a field was f64'],
  ['a constant that is no number', twice.replace('2 * 16', 'OWN'), 'twice.ts:2: a shared constant was OWN'],
  [
    'a function of no struct',
    twice.replaceAll('(p: TwiceProblem)', '(p: usize)'),
    'takes usize; it must take a struct',
  ],
])('%s is an error', (_, source, message) => {
  expect(() => bindingsOf({ 'index.ts': index, 'twice.ts': source })).toThrow(message);
});
