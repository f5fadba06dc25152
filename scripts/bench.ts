/**
 * `pnpm bench [case ...] [--rounds N] [--quick]`: builds the packages, installs what they are compared with, and measures both. Nothing
 * else needs those installs.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { root, runCommand } from './support/run-command.ts';

const bench = join(root, 'test', 'bench');
const peers = join(bench, 'peers');

async function run(command: string, args: readonly string[], cwd: string = root): Promise<void> {
  const code = await runCommand(command, args, { cwd });
  if (code !== 0) process.exit(code);
}

await run('pnpm', ['run', 'build']);
if (!existsSync(join(peers, 'node_modules'))) {
  await run('pnpm', ['install', '--frozen-lockfile'], peers);
}
await run(process.execPath, [join(bench, 'main.ts'), ...process.argv.slice(2)]);
