import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const program = `
import { registerHooks } from 'node:module';
const asked = [];
registerHooks({ resolve: (name, context, next) => (asked.push(name), next(name, context)) });
await import(process.argv[1]);
console.log(JSON.stringify(asked.filter((name) => name.startsWith('@opentelemetry/'))));
`;

it.each([
  ['@holodeck/core', 0],
  ['@holodeck/core/backend', 0],
  ['@holodeck/core/stores', 0],
  ['@holodeck/core/telemetry', 1],
])('importing %s loads the OpenTelemetry API only where it is asked for', async (name, least) => {
  const { stdout } = await run(
    process.execPath,
    ['--conditions=@holodeck/source', '--input-type=module', '--eval', program, name],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)) },
  );
  const loaded = JSON.parse(stdout) as string[];
  if (least === 0) expect(loaded).toEqual([]);
  else expect(loaded).toContain('@opentelemetry/api');
});
