// How long calls take, when it is their turn.

/**
 * Prepared work, which disposes what it makes. If another process does it, that one says how many milliseconds it took, as the
 * way there and back would count too.
 */
export type Call = () => void | Promise<void | number>;

/** How long it is the turn of some calls. */
export interface Turn {
  /** Milliseconds that all of them take together. */
  milliseconds: number;
  /** Times that each is made at least. */
  calls: number;
}

/** Milliseconds of one call. Synchronous calls are not awaited, which would cost a turn of the event loop. */
async function time(call: Call): Promise<number> {
  const begin = performance.now();
  const pending = call();
  const told = pending && (await pending);
  return told ?? performance.now() - begin;
}

/**
 * Makes each call until `milliseconds` have passed, and once at least: V8 runs a wasm function optimised only from a later
 * call on.
 *
 * @returns milliseconds of the longest call
 */
export async function warmUp(calls: readonly Call[], milliseconds: number): Promise<number> {
  let longest = 0;
  for (const call of calls) {
    const start = performance.now();
    do longest = Math.max(longest, await time(call));
    while (performance.now() - start < milliseconds);
  }
  return longest;
}

/**
 * Makes all calls in turn, A B A B ..., until both limits are reached.
 *
 * @returns milliseconds of each call, by name
 */
export async function takeTurn(
  calls: Readonly<Record<string, Call>>,
  { milliseconds, calls: least }: Turn,
): Promise<Record<string, number[]>> {
  const entries = Object.entries(calls);
  const samples = Object.fromEntries(entries.map(([name]) => [name, [] as number[]]));
  const start = performance.now();
  for (let done = 0; done < least || performance.now() - start < milliseconds; done++) {
    for (const [name, call] of entries) samples[name].push(await time(call));
  }
  return samples;
}
