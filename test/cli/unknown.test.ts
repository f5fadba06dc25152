import { afterEach, beforeEach, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.close());

it('never sends an unknown submission again automatically; jobs lists it, the user decides', async () => {
  workspace.emulator.setFaults([{ kind: 'reset-after-accept', operation: 'submit', nth: 1 }]);
  const lost = await workspace.run(['generate', 'a cup']);
  expect(lost.exitCode).toBe(1);
  expect(lost.stderr).toContain('unknown]');
  const again = await workspace.run(['generate', 'a cup']);
  expect(again.exitCode).toBe(1);
  expect(workspace.emulator.ledger.submissions).toBe(1);

  const jobs = await workspace.run(['jobs', '--json']);
  expect(jobs).toMatchObject({ exitCode: 0 });
  expect(jobs.json()).toMatchObject([{ state: 'unknown', backend: 'hunyuan' }]);
  expect(jobs.stderr).toContain('jobs pay-again <id>');
  const id = String(jobs.json()[0]?.['taskId']);
  const resumed = await workspace.run(['resume']);
  expect(resumed.stderr).toContain('jobs pay-again <id>');
  expect(workspace.emulator.ledger.submissions).toBe(1);

  const paid = await workspace.run(['jobs', 'pay-again', id]);
  expect(paid).toMatchObject({ exitCode: 0 });
  expect(workspace.emulator.ledger).toMatchObject({ submissions: 2, accepted: 2 });
  // It is the same task, so the command now finds its image.
  const found = await workspace.run(['generate', 'a cup', '--json']);
  expect(found.json()).toMatchObject([{ success: true, source: 'resumed' }]);
  expect(await workspace.run(['jobs', 'pay-again', id])).toMatchObject({ exitCode: 2 });
  expect(workspace.emulator.ledger.submissions).toBe(2);
});

it('sends it again on --resubmit-unknown, and forgets it on jobs forget', async () => {
  workspace.emulator.setFaults([{ kind: 'reset-after-accept', operation: 'submit', nth: [1, 2] }]);
  // Separate runs: within one run, the job that may be running would hold the account's only slot for a while.
  const first = '{"prompt": "a", "taskId": "first"}\n';
  const second = '{"prompt": "b", "taskId": "second"}\n';
  for (const input of [first, second])
    expect(await workspace.run(['batch', '-'], { input })).toMatchObject({ exitCode: 1 });
  expect(await workspace.run(['jobs', 'forget', 'fir'])).toMatchObject({ exitCode: 0 });
  expect(await workspace.run(['jobs', 'forget', 'nothing'])).toMatchObject({ exitCode: 2 });
  const listed = await workspace.run(['jobs', '--json']);
  expect(listed.json().map((row) => row['taskId'])).toEqual(['second']);
  const again = await workspace.run(['batch', '-', '--resubmit-unknown'], { input: first + second });
  expect(again).toMatchObject({ exitCode: 0 });
  expect(workspace.emulator.ledger.submissions).toBe(4);
});

it('sends again what never left', async () => {
  workspace.emulator.setFaults([{ kind: 'refuse', code: 'RequestLimitExceeded', operation: 'submit', nth: [1, 2] }]);
  expect(await workspace.run(['generate', 'a cup'])).toMatchObject({ exitCode: 0 });
  expect(workspace.emulator.ledger).toMatchObject({ submissions: 3, accepted: 1 });
});

it('the plan of a scene says what becomes of an unknown submission', async () => {
  workspace.emulator.setFaults([{ kind: 'reset-after-accept', operation: 'submit', nth: 1 }]);
  const scene = ['scene', 'an attic', '--session', 'attic'];
  const lost = await workspace.run(scene);
  expect(lost.exitCode).toBe(1);
  expect(lost.stderr).toContain("look at the service's console, then allow it with --resubmit-unknown");
  const left = await workspace.run([...scene, '--dry-run', '--json']);
  expect(left.json()).toMatchObject([
    {},
    { assetId: 'scene-reference', toMake: false, earlier: 'unknown' },
    { images: 0 },
  ]);
  const again = await workspace.run([...scene, '--dry-run', '--resubmit-unknown']);
  expect(again.stdout).toContain('sent again because of --resubmit-unknown');
  expect(again.stdout).toContain('Images to make: 1.');
  expect(await workspace.run([...scene, '--resubmit-unknown'])).toMatchObject({ exitCode: 0 });
  expect(workspace.emulator.ledger.submissions).toBe(2);
});
