/** See bindings.mjs. */
export function bindings(root: string): string;
