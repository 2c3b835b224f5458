// What a run depends on.

import { counted } from '../checks/counted.js';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, platform, totalmem } from 'node:os';
import { version_core } from '@tensorflow/tfjs-core';

export interface Machine {
  /** The model's name; on Linux with family and model number, as the name alone may say little. */
  cpu: string;
  /** Threads that it runs at a time. */
  parallelism: number;
  /** Bytes of RAM. */
  memory: number;
  platform: string;
  node: string;
  v8: string;
  tfjs: string;
}

function cpuName(): string {
  const model = cpus().at(0)?.model.trim() ?? 'unknown processor'; // some systems do not say
  if (platform() !== 'linux') return model;
  const text = readFileSync('/proc/cpuinfo', 'utf8');
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1];
  const [family, number] = [field('cpu family'), field('model')];
  return family === undefined ? model : `${model} (family ${family}, model ${number})`;
}

/** The machine that this process runs on. */
export function machine(): Machine {
  const { version, versions, arch } = process;
  return {
    ...{ cpu: cpuName(), parallelism: availableParallelism(), memory: totalmem(), platform: `${platform()} ${arch}` },
    ...{ node: version, v8: versions.v8, tfjs: version_core },
  };
}

/** In one line. */
export function describe({ cpu, parallelism, platform, node, v8, tfjs }: Machine): string {
  return `${cpu}, ${counted(parallelism, 'thread')}, ${platform}; Node ${node}, V8 ${v8}, tfjs ${tfjs}`;
}
