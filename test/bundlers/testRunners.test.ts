/** The package in tests of a user's, by Jest and Vitest, with Node's environment and with jsdom. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { type Answer, expectSame, type Part, parts } from './answers.js';

const project = inject('project');
const folder = temporaryFolder();

/** Has a tool run the test in project/runners; gives what the programs said. */
async function answersOf(tool: string, ...args: string[]): Promise<Record<Part, Answer>> {
  const answers = join(folder, 'answers.json');
  await promisify(execFile)(join(project, 'node_modules/.bin', tool), args, {
    cwd: join(project, 'runners'),
    // Jest takes ES modules behind a flag of Node only.
    env: { PATH: process.env.PATH, ANSWERS: answers, NODE_OPTIONS: tool === 'jest' ? '--experimental-vm-modules' : '' },
  });
  return JSON.parse(readFileSync(answers, 'utf8')) as Record<Part, Answer>;
}

const vitest = ['run', '--globals', '--environment'];
const conditions = '--testEnvironmentOptions={"customExportConditions":["node"]}';

describe.runIf(project)('in tests of a project', () => {
  it.each([
    ['jest', '--testEnvironment=node'],
    ['jest', '--testEnvironment=jsdom', conditions],
    ['vitest', ...vitest, 'node'],
    ['vitest', ...vitest, 'jsdom'],
  ])('%s %s', async (tool, ...args) => {
    const answers = await answersOf(tool, ...args);
    for (const part of parts) expectSame(part, answers[part]);
  });

  it('jest with jsdom as it comes says which line helps', async () => {
    const answers = await answersOf('jest', '--testEnvironment=jsdom');
    for (const part of parts) {
      expect(answers[part].error).toMatch(/Jest's testEnvironmentOptions: \{ customExportConditions: \['node'\] \}$/);
    }
  });
});
