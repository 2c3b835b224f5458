// The builds that can be measured.

import { init } from '../../src/index.js';
import { buildNames, startOurs } from './ours.js';
import type { Subject } from './subject.js';

/** The builds that this Node runs, slowest first, and the one that init chooses. */
export interface Builds {
  runnable: string[];
  chosen: string;
}

/** Tries the builds, in a child process: trying switches V8's flags. */
export async function prepare(): Promise<Subject<Builds>> {
  const { build: chosen } = await init({ threads: 1 });
  const runnable: string[] = [];
  for (const build of buildNames) {
    const found = await startOurs({ threads: 1, build }).catch(() => undefined);
    if (found?.build === build) runnable.push(build);
  }
  return { facts: { runnable, chosen }, calls: {} };
}
