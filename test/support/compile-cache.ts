import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const variable = 'NODE_COMPILE_CACHE';
const shared = process.env[variable];

/**
 * For the environment of a process that a test starts with its own variables: then all processes of a run share Node's compiled code,
 * and a command starts in half the time. Other processes inherit it.
 */
export const compileCache: Readonly<Record<string, string>> = shared === undefined ? {} : { [variable]: shared };

/** Vitest calls this before a run, and what it returns after the run. A folder that the caller has set stays. */
export function setup(): () => void {
  if (shared !== undefined) return () => undefined;
  const folder = mkdtempSync(join(tmpdir(), 'holodeck-compile-cache-'));
  process.env[variable] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
