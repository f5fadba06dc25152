/**
 * `pnpm test:live`: shows what the suites of `test/live/` cost on the services that the environment (or `.env`) configures, then
 * runs them. Without such services it says that it did not run. It sends nothing without a "y" or `--yes`.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { confirm } from './support/confirm.ts';
import { configuredBackends } from './support/configured-backends.ts';
import { root, runCommand } from './support/run-command.ts';

const suites = join(root, 'test', 'live');
const backends = await configuredBackends();
if (backends.length === 0) {
  console.log('Live tests did not run: no backend is configured. Fill in .env (see .env.example).');
} else if (!existsSync(suites) || readdirSync(suites).length === 0) {
  console.log('Live tests did not run: there are no suites in test/live.');
} else {
  console.log(`Live tests on real services: ${backends.map(({ name }) => name).join(', ')}.`);
  for (const { name, costOfSuite } of backends) console.log(`  ${name}: ${costOfSuite}`);
  if (await confirm('Run them?', process.argv.includes('--yes'))) {
    const names = backends.map(({ name }) => name).join(',');
    const args = ['run', '--root', suites];
    process.exitCode = await runCommand('vitest', args, { env: { HOLODECK_LIVE_BACKENDS: names } });
  } else {
    console.log('Live tests did not run.');
  }
}
