import { type Info, init } from '../ops/init.js';
import type { ComputeOptions } from './computeOptions.js';
import type { Output } from './output.js';

/**
 * Brings up the kernels, and says which build computes.
 *
 * @param options those of the command
 * @param output the command's
 * @throws Error if an option cannot be had here
 */
export async function startKernels({ threads, wide }: ComputeOptions, output: Output): Promise<Info> {
  const info = await init({ threads, wide });
  output.say(`${info.build} build`);
  return info;
}
