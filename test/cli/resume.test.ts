import { afterEach, beforeEach, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.close());

it('says that there is nothing to resume', async () => {
  await workspace.run(['generate', 'a cup']);
  for (const more of [[], ['--dry-run']]) {
    const run = await workspace.run(['resume', ...more]);
    expect(run.exitCode).toBe(0);
    expect(run.stdout + run.stderr).toContain('There is nothing to resume');
    expect(run.stdout + run.stderr).not.toMatch(/\b0\b/);
    const chinese = await workspace.run(['resume', ...more, '--lang', 'zh']);
    expect(chinese.stdout + chinese.stderr).toContain('没有可续取的');
  }
});

it('reports an open job whose backend is not configured', async () => {
  workspace.emulator.setFaults([{ kind: 'stall', operation: 'query' }]);
  const running = workspace.start(['generate', 'a cup', '--backend', 'hunyuan']);
  await running.seen('accepted');
  running.child.kill('SIGKILL');
  await running.finished;
  const env = { HUNYUAN_SECRET_ID: undefined, HUNYUAN_SECRET_KEY: undefined };
  const run = await workspace.run(['resume'], { env });
  expect(run.stderr).toMatch(/1 open job was left alone: .*the backend is not configured/s);
  workspace.emulator.setFaults([]);
  const done = await workspace.run(['resume']);
  expect(done.stderr).toContain('Tasks: 0 made, 1 already there or paid for');
});

it('explains --dry-run in its help', async () => {
  const { stdout } = await workspace.run(['resume', '--help']);
  expect(stdout).toMatch(/--dry-run\s+list what would be fetched/);
});
