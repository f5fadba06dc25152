import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const source = '--conditions=@holodeck/source';

/** What follows `node` to run the command line as `./holodeck` does: tests start its bundle, not a hundred sources. */
export const commandLine: readonly string[] = [
  source,
  fileURLToPath(new URL('apps/cli/node_modules/.cache/holodeck/bundle/main.js', root)),
];

/** Vitest calls this before a run: `./holodeck` builds the bundle when sources are newer. */
export function setup(): void {
  const script = fileURLToPath(new URL('scripts/holodeck.mjs', root));
  execFileSync(process.execPath, [source, script, '--version'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
