/**
 * `pnpm test:live hunyuan-3.5`: asks Hy-Image 3.5 what its vendor does not publish, on the account of HUNYUAN_API_KEY.
 * `pnpm test:live`: shows what the suites of `test/live/` cost on the services that the environment (or `.env`) configures, then
 * runs them. Without such services it says that it did not run. It sends nothing without a "y" or `--yes`.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { readVariable } from '@holodeck/core/backend';
import { loadEnvironmentFile } from '../apps/cli/src/run/environment-file.ts';
import { confirm } from './support/confirm.ts';
import { configuredBackends } from './support/configured-backends.ts';
import { askHyImage35, costOfQuestions } from './support/hy-image-35-questions.ts';
import { root, runCommand } from './support/run-command.ts';

const suites = join(root, 'test', 'live');
const isSure = process.argv.includes('--yes');
if (process.argv.includes('hunyuan-3.5')) await ask();
else await runSuites();

async function ask(): Promise<void> {
  for (const problem of loadEnvironmentFile(undefined, process.env)) console.error(problem);
  const apiKey = readVariable(process.env, 'HUNYUAN_API_KEY');
  if (apiKey === undefined) {
    console.log('Hy-Image 3.5 was not asked: HUNYUAN_API_KEY is not set (see .env.example).');
    return;
  }
  const origin = readVariable(process.env, 'HUNYUAN_ENDPOINT') ?? 'https://tokenhub.tencentmaas.com';
  console.log(`Questions to Hy-Image 3.5 at ${new URL(origin).host}: ${costOfQuestions}.`);
  if (!(await confirm('Ask them?', isSure))) {
    console.log('Hy-Image 3.5 was not asked.');
    return;
  }
  const folder = join(root, 'artifacts', 'hy-image-3.5');
  const report = await askHyImage35({ apiKey, origin: origin.replace(/\/+$/, ''), folder });
  const file = join(folder, 'report.md');
  writeFileSync(file, report);
  console.log(`${report}\nWritten to ${file}, without secrets; the pictures lie beside it.`);
}

async function runSuites(): Promise<void> {
  const backends = await configuredBackends();
  if (backends.length === 0) {
    console.log('Live tests did not run: no backend is configured. Fill in .env (see .env.example).');
  } else if (!existsSync(suites) || readdirSync(suites).length === 0) {
    console.log('Live tests did not run: there are no suites in test/live.');
  } else {
    console.log(`Live tests on real services: ${backends.map(({ name }) => name).join(', ')}.`);
    for (const { name, costOfSuite } of backends) console.log(`  ${name}: ${costOfSuite}`);
    if (await confirm('Run them?', isSure)) {
      const names = backends.map(({ name }) => name).join(',');
      const args = ['run', '--root', suites];
      process.exitCode = await runCommand('vitest', args, { env: { HOLODECK_LIVE_BACKENDS: names } });
    } else {
      console.log('Live tests did not run.');
    }
  }
}
