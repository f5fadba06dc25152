import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'holodeck-run-';
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Vitest calls this before a run, and what it returns after the run. All temporary folders of the run's tests lie in one, which is
 * removed at its end: also those of a test or a process that was killed. What a killed run left is removed after a day.
 */
export function setup(): () => void {
  const outer = tmpdir();
  for (const name of readdirSync(outer)) if (name.startsWith(prefix)) removeOld(join(outer, name));
  const before = process.env['TMPDIR'];
  const folder = mkdtempSync(join(outer, prefix));
  process.env['TMPDIR'] = folder;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

function removeOld(folder: string): void {
  try {
    if (statSync(folder).mtimeMs < Date.now() - dayMs) rmSync(folder, { recursive: true, force: true });
  } catch {
    // Another user's, or another run has just removed it.
  }
}
