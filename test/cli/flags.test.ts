/** Every flag of every command with values that it cannot have: status 2, and the flag named. From commander's own list. */
import type { Command, Option } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { createProgram, run } from '../../src/cli/run.js';

const commands = createProgram().commands.map((command) => [command.name(), command] as const);

/** Values that neither a number nor one of a few words can have. */
const noValue = ['', ' ', 'NaN', '-', '--', 'x', '1e39', 'Infinity', '-Infinity', '0x', '1,,2', '1 2', '💥', '\n'];
/** Values that numbers of counts and shares cannot have. */
const noCount = ['-1', '-0.5', '99999999999999999999'];

/** Whether a flag takes any text but an empty one. */
const isText = ({ flags }: Option) => /<(name or folder|folder|file|words|column|address)>/.test(flags);
/** Whether it takes names, separated by commas. */
const isList = ({ flags }: Option) => /<(names or folders|folders|forms|columns|texts)>/.test(flags);

function wrongValues(option: Option): string[] {
  if (isText(option)) return ['', ' '];
  if (isList(option)) return ['', ' ', ',', 'a,,b', 'a,a'];
  return option.argChoices || /<(form|shape|auto)/.test(option.flags) ? noValue : [...noValue, ...noCount];
}

/** What the command needs besides; none of it exists. */
function needed(command: Command, option?: Option): string[] {
  return command.options
    .filter((other) => other !== option && other.required && (other.mandatory || other.long === '--data'))
    .flatMap(({ long }) => [long!, long === '--queue' ? 'redis://127.0.0.1:1' : 'nothing here']);
}

/** Runs a command line in this process. */
async function outcomeOf(args: readonly string[]): Promise<{ status: number; stderr: string }> {
  let stderr = '';
  const spies = [
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true)),
    vi.spyOn(process.stdout, 'write').mockImplementation(() => true),
  ];
  try {
    return { status: await run(args), stderr };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const valued = commands.flatMap(([name, command]) =>
  command.options.filter(({ required }) => required).map((option) => [name, option.long!, command, option] as const),
);

describe('a flag with a value that it cannot have', () => {
  it.each(valued)('%s %s', async (name, long, command, option) => {
    for (const value of wrongValues(option)) {
      const args = [name, `${long}=${value}`, ...needed(command, option)];
      const { status, stderr } = await outcomeOf(args);
      expect({ args, status }, stderr).toEqual({ args, status: 2 });
      expect(stderr, value).toMatch(new RegExp(`^error: .*(${long}|${long.slice(2)} was)`));
      expect(stderr.match(/^error: /gm)?.length).toBe(1);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });
});

describe('a flag that is given twice', () => {
  it('has its last value, so that `npm start -- --seeds 3` changes what the script says', async () => {
    const wrong = await outcomeOf(['compare', '--data', '.', '--seeds', '1', '--seeds', '0']);
    expect(wrong).toMatchObject({ status: 2 });
    expect(wrong.stderr).toContain("option '--seeds <n>' argument '0' is invalid");
    const right = await outcomeOf(['compare', '--data', 'no/such', '--seeds', '1', '--data', 'not/there']);
    expect(right.stderr).toContain('not/there');
    expect(right.stderr).not.toContain('no/such');
  });
});

describe('a flag without its value, and one that is not known', () => {
  it.each(valued)('%s %s', async (name, long, command) => {
    const without = await outcomeOf([name, long]);
    expect(without.status).toBe(2);
    expect(without.stderr).toContain(`${long} <`);
    const other = await outcomeOf([name, `${long}x`, '1', ...needed(command)]);
    expect(other.status).toBe(2);
    expect(other.stderr).toContain(`error: unknown option '${long}x'`);
  });

  it('covers every command', () => {
    expect(commands.map(([name]) => name)).toEqual([
      ...['train', 'evaluate', 'predict', 'export', 'serve', 'compare', 'worker', 'inspect', 'bench', 'info'],
    ]);
  });
});
