/** Modules that only Node has, and packages that only work there. */
interface NodeModules {
  'node:async_hooks': typeof import('node:async_hooks');
  'node:child_process': typeof import('node:child_process');
  'node:crypto': typeof import('node:crypto');
  'node:fs': typeof import('node:fs');
  'node:fs/promises': typeof import('node:fs/promises');
  'node:module': typeof import('node:module');
  'node:os': typeof import('node:os');
  'node:path': typeof import('node:path');
  'node:stream': typeof import('node:stream');
  'node:stream/promises': typeof import('node:stream/promises');
  'node:timers/promises': typeof import('node:timers/promises');
  'node:url': typeof import('node:url');
  'node:util': typeof import('node:util');
  'node:v8': typeof import('node:v8');
  'node:worker_threads': typeof import('node:worker_threads');
  'node:zlib': typeof import('node:zlib');
  yauzl: { default: typeof import('yauzl') };
}

/** Node has it from 20.16 on: it gives its own modules at once, and nothing else. */
const { getBuiltinModule } = (globalThis.process ?? {}) as { getBuiltinModule?: (name: string) => unknown };

/** Imports a module in Node. A bundler of pages would look for it, and fail, if its name stood in an import. */
export async function nodeModule<Name extends keyof NodeModules>(name: Name): Promise<NodeModules[Name]> {
  const found: unknown =
    getBuiltinModule?.(name) ??
    (await import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ name));
  return found as NodeModules[Name];
}
