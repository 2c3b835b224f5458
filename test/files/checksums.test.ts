import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyChecked, writeChecked } from '../../src/files/checksums.js';
import { DamagedError } from '../../src/files/damagedError.js';
import { sha256 } from '../../src/files/sha256.js';
import { flipBit } from '../support/damage.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();

async function fresh(name: string) {
  const path = join(folder, name);
  await mkdir(path);
  await writeChecked(path, 'a.json', 'old\n');
  await writeChecked(path, 'a.json', 'new\n');
  await writeChecked(path, 'b.html', 'text\n');
  return { path, list: join(path, 'SHA256SUMS') };
}

describe('checksums of a folder', () => {
  it('are a list that sha256sum reads', async () => {
    const { path, list } = await fresh('list');
    expect(await readFile(list, 'utf8')).toBe(`${await sha256('new\n')}  a.json\n${await sha256('text\n')}  b.html\n`);
    const { error, status } = spawnSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: path });
    if (!error) expect(status).toBe(0);
  });

  it('notice every flipped bit, in a file and in the list', async () => {
    const { path, list } = await fresh('bits');
    for (const [file, name] of [
      [join(path, 'a.json'), 'a.json'],
      [list, ''],
    ] as const) {
      const bytes = await readFile(file);
      for (let bit = 0; bit < 8 * bytes.length; bit++) {
        await writeFile(file, flipBit(bytes, bit));
        const checks = await Promise.allSettled(['a.json', 'b.html'].map((one) => verifyChecked(path, one)));
        const reasons = checks.flatMap((check) => (check.status === 'rejected' ? [check.reason as Error] : []));
        expect(reasons.length, `${file}, bit ${bit}`).toBeGreaterThan(0);
        for (const reason of reasons) expect(reason).toBeInstanceOf(DamagedError);
        if (name)
          expect(reasons[0].message).toMatch(/a\.json: damaged: its checksum differs; it must be as SHA256SUMS/);
      }
      await writeFile(file, bytes);
    }
  });

  it('cover a file that was being replaced when the process ended, and one that is missing', async () => {
    const { path, list } = await fresh('between');
    const old = await readFile(list, 'utf8');
    await writeFile(list, `${await sha256('newer\n')}  a.json\n${old}`);
    for (const content of ['new\n', 'newer\n']) {
      await writeFile(join(path, 'a.json'), content);
      await verifyChecked(path, 'a.json');
    }
    await rm(join(path, 'a.json'));
    await expect(verifyChecked(path, 'a.json')).rejects.toThrow('a.json: damaged: it is missing');
    await writeChecked(path, 'a.json', 'newest\n');
    expect((await readFile(list, 'utf8')).match(/a\.json/g)?.length).toBe(1);
  });

  it('are not asked for where an earlier version wrote none', async () => {
    const { path, list } = await fresh('earlier');
    await rm(list);
    await writeFile(join(path, 'a.json'), 'by hand\n');
    await verifyChecked(path, 'a.json');
    await writeChecked(path, 'b.html', 'text\n');
    await verifyChecked(path, 'b.html');
    await expect(verifyChecked(path, 'a.json')).rejects.toThrow(DamagedError);
    await verifyChecked(path, 'a.json', false);
  });
});
