import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/**
 * A new, empty folder that is removed after the last test of the file. To be called at the top of the file.
 *
 * @param patience milliseconds that removing it may take
 */
export function temporaryFolder(patience?: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'primal-attention-test-'));
  afterAll(() => rmSync(folder, { recursive: true }), patience);
  return folder;
}

/** Has the tests of a file run in a temporary folder. To be called at the top of the file. */
export function runInTemporaryFolder(): void {
  const before = process.cwd();
  process.chdir(temporaryFolder());
  afterAll(() => process.chdir(before)); // hooks run last first: before the folder goes
}
