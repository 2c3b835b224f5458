/** @returns an object with these properties of another one; those that are undefined are left out */
export function pickProperties<T extends object, Name extends keyof T>(
  object: T,
  names: readonly Name[],
): Pick<T, Name> {
  const found = names.filter((name) => object[name] !== undefined).map((name) => [name, object[name]] as const);
  return Object.fromEntries(found) as Pick<T, Name>;
}
