// Checks of plain arguments. Every message names the function, the argument, what it was and what it must be.

/** An argument as a message shows it: what a tensor or another object holds would be too much. */
export function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object' && value !== null) return `an instance of ${value.constructor?.name ?? 'Object'}`;
  return String(value);
}

/** An object that sets none but these options; undefined stands for the default. */
export function checkOptions(owner: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new Error(`${owner}: options was ${formatValue(options)}; it must be an object`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || names.includes(name)) continue;
    throw new Error(`${owner}: unknown option '${name}'; the options are ${names.join(', ')}`);
  }
}

/** A finite float32 that fulfils `test` as such; `must` says what that is. */
export function checkNumber(
  owner: string,
  name: string,
  value: unknown,
  test: (value: number) => boolean,
  must: string,
): void {
  const single = typeof value === 'number' ? Math.fround(value) : NaN;
  if (Number.isFinite(single) && test(single)) return;
  throw new Error(`${owner}: ${name} was ${formatValue(value)}; it must be ${must}`);
}

/** An integer from `low` to `high`. */
export function checkInteger(owner: string, name: string, value: unknown, low: number, high: number): number {
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return value as number;
  const range =
    low === -Infinity
      ? 'an integer'
      : high === Infinity
        ? `an integer, ${low} or more`
        : `an integer from ${low} to ${high}`;
  throw new Error(`${owner}: ${name} was ${formatValue(value)}; it must be ${range}`);
}

/** A probability that something is dropped, or a part that is kept: from 0 to below 1. */
export function checkRate(owner: string, name: string, value: number): number {
  checkNumber(owner, name, value, (x) => x >= 0 && x < 1, '0 or more and below 1');
  return value;
}

/** One of a few words. */
export function checkChoice<T extends string>(owner: string, name: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw new Error(
    `${owner}: ${name} was ${formatValue(value)}; it must be ${choices.map((c) => `'${c}'`).join(' or ')}`,
  );
}

/** A flag. */
export function checkBoolean(owner: string, name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new Error(`${owner}: ${name} was ${formatValue(value)}; it must be true or false`);
}

/** One integer 0 .. `positions` for each sample. */
export function checkLengths(owner: string, lengths: unknown, samples: number, positions: number): void {
  const fits = Array.isArray(lengths) && lengths.length === samples;
  if (!fits) throw new Error(`${owner}: lengths was ${formatValue(lengths)}; it must hold ${samples} integers`);
  lengths.forEach((length, b) => checkInteger(owner, `lengths[${b}]`, length, 0, positions));
}
