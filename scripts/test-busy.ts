/**
 * `pnpm test:busy [loops] [--disk] [-- filters and options of the tests]`: runs the tests beside busy loops (default 4) at
 * normal priority. `--disk` adds one that writes and syncs. Use it when you change tests: they must not depend on speed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { root, runCommand } from './support/run-command.ts';

const args = process.argv.slice(2);
const separator = args.indexOf('--');
const own = separator === -1 ? args : args.slice(0, separator);
const ofTests = separator === -1 ? [] : args.slice(separator + 1);
const { values, positionals } = parseArgs({
  args: own,
  options: { disk: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [loops = '4', ...more] = positionals;
if (!/^\d+$/.test(loops) || more.length > 0) {
  console.error('test:busy takes the number of loops. Put filters of tests behind `--`.');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'holodeck-busy-'));
const program = join(root, 'scripts', 'busy-loop.ts');
const running = Array.from({ length: Number(loops) }, () => spawn(process.execPath, [program], { stdio: 'inherit' }));
if (values.disk) running.push(spawn(process.execPath, [program, join(folder, 'disk')], { stdio: 'inherit' }));
console.log(`Beside ${loops} busy loops${values.disk ? ' and one that writes to disk' : ''}.`);
process.exitCode = await runCommand(process.execPath, [join(root, 'scripts', 'test.ts'), ...ofTests], { shell: false });
for (const loop of running) loop.kill('SIGKILL');
rmSync(folder, { recursive: true, force: true });
