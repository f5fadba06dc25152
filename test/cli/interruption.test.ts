import { afterEach, beforeEach, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeEach(async () => {
  // Jobs that do not end by themselves within a test.
  workspace = await openWorkspace({ jobMs: 3_600_000 });
});
afterEach(() => workspace.close());

it.each(['SIGINT', 'SIGTERM'] as const)('%s drains, exits 130, and the same command continues', async (signal) => {
  const args = ['batch', '-', '--out', 'images'];
  const input = '{"prompt": "a"}\n{"prompt": "b"}\n';
  const run = workspace.start(args, { input });
  await run.seen(': accepted');
  run.child.kill(signal);
  const interrupted = await run.finished;
  expect(interrupted.exitCode).toBe(130);
  expect(interrupted.stderr).toContain('The same command continues');
  expect(interrupted.stderr).not.toContain('error:');
  expect(workspace.emulator.ledger.accepted).toBe(1);

  const jobs = await workspace.run(['jobs', '--out', 'images', '--json']);
  expect(jobs.json().map((row) => row['state'])).toEqual(['accepted']);
  expect(jobs.stderr).toContain('"resume" fetches it');

  // The job ends; it is fetched and not paid for again.
  const [job] = workspace.emulator.ledger.snapshot().entries;
  workspace.emulator.set({ jobMs: 0 });
  expect(job?.prompt).toBe('a');
});

it('the second signal exits at once', async () => {
  workspace.emulator.setFaults([{ kind: 'stall', operation: 'submit' }]);
  const run = workspace.start(['generate', 'a cup']);
  await run.seen('Using hunyuan');
  // The submission is on the wire and its answer awaited; signals are repeated until one ends the process.
  run.child.kill('SIGINT');
  await run.seen('Stopping');
  const repeat = setInterval(() => run.child.kill('SIGINT'), 50);
  const { exitCode } = await run.finished;
  clearInterval(repeat);
  expect(exitCode).toBe(130);
});
