import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A new, empty folder that is removed after the last test of the file. To be called at the top of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'primal-attention-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}
