import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.close());

it('prints the lines that point a client at it, and its ledger at the end', async () => {
  writeFileSync(
    join(workspace.folder, 'faults.json'),
    JSON.stringify([{ kind: 'refuse', code: 'RequestLimitExceeded', operation: 'submit', nth: 1 }]),
  );
  const emulator = workspace.start([
    'emulate',
    'hunyuan',
    '--job-ms',
    '20',
    '--limit',
    '2',
    '--faults',
    'faults.json',
    '--json',
  ]);
  await emulator.seen('Emulators run');
  const { variables } = JSON.parse(emulator.stdout()) as { variables: Record<string, string> };
  expect(await workspace.run(['generate', 'a cup'], { env: variables })).toMatchObject({ exitCode: 0 });
  emulator.child.kill('SIGTERM');
  const ended = await emulator.finished;
  expect(ended.exitCode).toBe(0);
  expect(ended.json()[1]).toMatchObject({
    emulator: 'hunyuan',
    ledger: { submissions: 2, accepted: 1, delivered: 1, refusals: 1, faults: { refuse: 1 } },
  });
  expect(workspace.emulator.ledger.submissions).toBe(0);
});

it('runs all three services, and each makes an image', async () => {
  const emulators = workspace.start(['emulate', '--job-ms', '20', '--json']);
  await emulators.seen('Emulators run');
  const lines = emulators.stdout().trim().split('\n');
  const started = lines.map((line) => JSON.parse(line) as { emulator: string; variables: Record<string, string> });
  expect(started.map(({ emulator }) => emulator)).toEqual(['hunyuan', 'openai', 'comfyui']);
  for (const { emulator, variables } of started) {
    const args = ['generate', 'a cup', '--backend', emulator, '--out', emulator, '--json'];
    const made = await workspace.run(args, { env: variables });
    expect(made.stderr).not.toContain('error:');
    expect(made.json()).toMatchObject([{ success: true, backend: emulator }]);
  }
  emulators.child.kill('SIGINT');
  expect((await emulators.finished).exitCode).toBe(0);
});

it.for([
  [['emulate', 'dalle'], /hunyuan/],
  [['emulate', 'comfyui', '--limit', '2'], /for hunyuan/],
  [['emulate', 'hunyuan', '--limit', '-1'], /integer/],
  [['emulate', 'hunyuan', '--faults', 'none.json'], /none\.json/],
] as const)('refuses %j', async ([args, message], { expect }) => {
  const run = await workspace.run(args);
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toMatch(message);
});

it('refuses a port that is taken, and a fault that does not exist', async () => {
  const taken = await workspace.run(['emulate', 'hunyuan', '--port', String(workspace.emulator.port)]);
  expect(taken.exitCode).toBe(2);
  expect(taken.stderr).toContain('EADDRINUSE');
  writeFileSync(join(workspace.folder, 'faults.json'), '[{"kind": "explode"}]');
  const wrong = await workspace.run(['emulate', 'hunyuan', '--faults', 'faults.json']);
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain('faults[0].kind must be one of');
});
