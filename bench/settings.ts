// The options of npm run bench, and what ran it.

import { cpus } from 'node:os';
import { version_core } from '@tensorflow/tfjs-core';
import type { Effort } from './measure.js';

export interface Settings {
  /** Words that the name of a row must hold. */
  filter: string;
  /** Kernel builds to time. */
  builds: readonly string[];
  quick: boolean;
  /** Whether tfjs's own ops are timed too. */
  tfjs: boolean;
  effort: Effort;
  /** Folder for files. */
  out: string;
  /** For people; standard output is left to JSON where that is asked for. */
  log: (line: string) => void;
}

/** What the figures depend on. */
export function machine() {
  return { cpu: cpus()[0].model, node: process.version, v8: process.versions.v8, tfjs: version_core, threads: 1 };
}
