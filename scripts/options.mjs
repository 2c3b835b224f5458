// Options of the scripts.
import { parseArgs } from 'node:util';

/**
 * Reads the command line; ends the process with status 2, and says why, if it is wrong.
 *
 * @param usage as the user types it: `npm run fuzz -- [--cases 10000]`
 * @param integers each option that is an integer: its default and the least that it may be
 * @param others further options, as parseArgs takes them
 */
export function readOptions(usage, integers, others = {}) {
  try {
    const texts = Object.entries(integers).map(([name, [byDefault]]) => [
      name,
      { type: 'string', default: `${byDefault}` },
    ]);
    const { values } = parseArgs({ options: { ...Object.fromEntries(texts), ...others } });
    const read = Object.entries(integers).map(([name, [, low]]) => {
      const value = Number(values[name]);
      if (Number.isSafeInteger(value) && value >= low && values[name].trim() !== '') return [name, value];
      throw new Error(`--${name} was ${values[name]}; it must be an integer, ${low} or more`);
    });
    return { ...values, ...Object.fromEntries(read) };
  } catch (error) {
    console.error(`${error.message}\nusage: ${usage}`);
    process.exit(2);
  }
}
