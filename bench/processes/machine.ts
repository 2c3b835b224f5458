// What the figures depend on.

import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, platform } from 'node:os';
import { version_core } from '@tensorflow/tfjs-core';
import { init } from '../../src/index.js';
import { buildNames, startOurs } from './ours.js';
import type { Subject } from './subject.js';

export interface Machine {
  /** The model's name; on Linux with family and model number, as the name alone may say little. */
  cpu: string;
  /** Threads that it runs at a time. */
  parallelism: number;
  platform: string;
  node: string;
  v8: string;
  tfjs: string;
}

function cpuName(): string {
  const [{ model }] = cpus();
  if (platform() !== 'linux') return model;
  const text = readFileSync('/proc/cpuinfo', 'utf8');
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1];
  const [family, number] = [field('cpu family'), field('model')];
  return family === undefined ? model : `${model.trim()} (family ${family}, model ${number})`;
}

export function machine(): Machine {
  const { version, versions, arch } = process;
  const parallelism = availableParallelism();
  const system = `${platform()} ${arch}`;
  return { cpu: cpuName(), parallelism, platform: system, node: version, v8: versions.v8, tfjs: version_core };
}

export function describe({ cpu, parallelism, platform, node, v8, tfjs }: Machine): string {
  return `${cpu}, ${parallelism} thread(s), ${platform}; Node ${node}, V8 ${v8}, tfjs ${tfjs}`;
}

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
