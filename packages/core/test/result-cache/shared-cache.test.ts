import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ResultCache } from '../../src/index.ts';

const program = fileURLToPath(new URL('../support/cache-process.ts', import.meta.url));
const run = promisify(execFile);

it('is shared by processes that store, read and evict at once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'holodeck-cache-'));
  try {
    const maxBytes = 60_000;
    const ends = await Promise.all(
      [0, 1, 2].map((offset) =>
        run(process.execPath, [
          '--conditions=@holodeck/source',
          program,
          directory,
          String(maxBytes),
          '150',
          String(offset),
        ]),
      ),
    );
    const counts = ends.map(({ stdout }) => JSON.parse(stdout) as { found: number; damaged: number });
    expect(counts.map(({ damaged }) => damaged)).toEqual([0, 0, 0]);
    expect(counts.reduce((sum, { found }) => sum + found, 0)).toBeGreaterThan(0);
    const cache = new ResultCache({ directory, maxBytes });
    const { bytes, entries } = await cache.status();
    expect(entries).toBeGreaterThan(0);
    // Each process may be ahead of the count by a sixteenth.
    expect(bytes).toBeLessThanOrEqual(maxBytes * (1 + 3 / 16));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
