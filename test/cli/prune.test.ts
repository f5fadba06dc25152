import { afterEach, beforeEach, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.close());

it('jobs prune removes done jobs that a file or the manifest keeps; nothing is paid again', async () => {
  const scene = ['scene', 'an attic', '--object', 'lamp: brass desk lamp'];
  expect(await workspace.run(scene)).toMatchObject({ exitCode: 0 });
  workspace.emulator.setFaults([{ kind: 'reset-after-accept', operation: 'submit', nth: 1 }]);
  const batch = '{"prompt": "a", "taskId": "unknown"}\n';
  expect(await workspace.run(['batch', '-'], { input: batch })).toMatchObject({ exitCode: 1 });
  const { submissions } = workspace.emulator.ledger;

  expect(await workspace.run(['jobs', 'prune', '--older', 'soon'])).toMatchObject({ exitCode: 2 });
  const young = await workspace.run(['jobs', 'prune', '--json']);
  expect(young.json()).toEqual([{ pruned: 0 }]);
  const old = await workspace.run(['jobs', 'prune', '--older', '0d', '--json']);
  expect(old.json()).toEqual([{ pruned: 2 }]);

  const left = await workspace.run(['jobs', '--all', '--json']);
  expect(left.json()).toMatchObject([{ taskId: 'unknown', state: 'unknown' }]);
  expect((await workspace.run(scene)).stderr).toContain('0 made, 2 already there or paid for');
  expect(workspace.emulator.ledger.submissions).toBe(submissions);
});
