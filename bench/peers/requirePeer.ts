// The peers' packages, from the install of their own.

import { createRequire } from 'node:module';
import { UsageError } from '../options.js';

const require = createRequire(new URL('../../../../bench/peers/package.json', import.meta.url));

/** @throws UsageError if the peers are not installed */
export function requirePeer(name: string): unknown {
  try {
    return require(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new UsageError(`the peer ${name} is not installed; npm run bench:peers installs it into bench/peers`);
  }
}
