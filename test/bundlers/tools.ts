// The bundlers and runtimes of package.json, which are not installed with the package.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Their node_modules. */
export const toolFolder = fileURLToPath(new URL('./node_modules', import.meta.url));

export const toolsInstalled = existsSync(toolFolder);
