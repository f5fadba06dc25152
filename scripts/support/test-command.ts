import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './run-command.ts';

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string };

/** The command that runs a file, or one test or suite of it, quoted for a POSIX shell. */
export function commandFor(path: string, name?: string): string {
  const long = process.env['HOLODECK_LONG_RUNS'] === '1' ? 'HOLODECK_LONG_RUNS=1 ' : '';
  const command = `${long}npx --yes ${packageManager} test ${path}`;
  if (name === undefined) return command;
  // Vitest expects a regular expression.
  const pattern = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return `${command} -t '${pattern.replaceAll("'", "'\\''")}'`;
}
