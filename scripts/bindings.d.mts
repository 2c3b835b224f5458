/** See bindings.mjs. */
export function bindings(root: string, entry?: string, pointer?: string): string;
