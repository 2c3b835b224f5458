// The kernel builds that this process can run.

import { type Info, init, type InitOptions } from '../../src/index.js';
import { platform } from '../../src/runtime/platform/node.js';

/** 'wide' is among them on Node 24 and later only: .ci/run runs the tests of the kernels there too. */
export const builds = ['simd', 'relaxed', ...(platform.whyNotWide() === undefined ? (['wide'] as const) : [])] as const;

/** Brings a build up. */
export function initBuild(build: (typeof builds)[number], threads?: InitOptions['threads']): Promise<Info> {
  return init({ relaxedSimd: build !== 'simd', wide: build === 'wide', threads });
}
