import { createRequire } from 'node:module';

/**
 * Node's `require`, apart from where it is used: bundlers follow what they see required, and one that takes in all of tfjs's
 * files for a name that is put together (Turbopack) stumbles over its binaries. A bundle in CommonJS has a name and no address.
 */
export const nodeRequire = createRequire(import.meta.url ?? __filename);
