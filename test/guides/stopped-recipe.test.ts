/** What the recipes promise of a program that fails, runs late or is stopped: shown with the program of the page. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ManualClock } from '@holodeck/emulators';
import type { HunyuanEmulatorOptions } from '@holodeck/emulators';
import { afterEach, expect, it } from 'vitest';

import { openWorkspace } from '../cli/support/holodeck.ts';
import type { Run, Workspace } from '../cli/support/holodeck.ts';
import { until } from '../support/until.ts';
import { readGuides, root } from './support/guide-blocks.ts';
import { typeScriptOf } from './support/run-guide.ts';

const recipes = readGuides().find(({ name }) => name === 'recipes.md') ?? expect.unreachable();
const [, whole] = typeScriptOf(recipes).find(([file]) => file === 'scene.ts') ?? expect.unreachable();
// Two cards, not six: measuring them takes processor time.
const code = whole.replace(", '灯笼', '面碗', '招牌', '筷筒', '汤锅'", ", '招牌'");

let workspace: Workspace;
let folder: string;
async function open(options?: HunyuanEmulatorOptions): Promise<void> {
  workspace = await openWorkspace(options);
  // Inside the repository, so that the packages resolve.
  mkdirSync(join(root, 'test', '.tmp'), { recursive: true });
  folder = mkdtempSync(join(root, 'test', '.tmp', 'recipe-'));
}
afterEach(async () => {
  await workspace.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the recipe, with another number in place of one of its own. */
function start(number = '', other = ''): Run {
  expect(code).not.toBe(whole);
  expect(code).toContain(number);
  const file = join(folder, 'scene.ts');
  writeFileSync(file, code.replace(number, other));
  return workspace.startProgram(file);
}

it('a card whose job failed is tried again; each job that failed is billed', async () => {
  await open();
  // The first failure does not show: such a job is sent once more automatically.
  workspace.emulator.setFaults([{ kind: 'fail-job', operation: 'submit', match: '招牌', times: 2 }]);
  const { exitCode, stdout, stderr } = await start().finished;
  expect(stderr).toMatch(/card\/object-2 failed[^]*\[###\] card\/object-2 is there/);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '3 of 3\n' });
  expect(workspace.emulator.ledger).toMatchObject({ accepted: 5, billed: 5 });
});

it('after the deadlines and Ctrl-C the same program goes on where it was, and nothing is paid for twice', async () => {
  // Jobs end when the test moves the emulator's time.
  const clock = new ManualClock();
  await open({ clock, jobMs: 1000 });
  const { ledger } = workspace.emulator;

  const tooLate = await start('20 * 60_000', '1').finished;
  expect(tooLate.stderr).toContain('scene-reference aborted not-submitted');
  expect(ledger.submissions).toBe(0);

  const slow = await start('180_000', '4_000').finished;
  expect(slow).toMatchObject({ exitCode: 1, stdout: '0 of 3\n' });
  expect(slow.stderr).toContain('scene-reference timeout accepted');

  const { polls } = ledger;
  const stopped = start();
  await until(() => ledger.polls > polls);
  stopped.child.kill('SIGINT');
  expect(await stopped.finished).toMatchObject({ exitCode: 1, stdout: '0 of 3\n' });
  expect((await stopped.finished).stderr).toContain('scene-reference aborted accepted');

  const moving = setInterval(() => clock.advance(1000), 20);
  try {
    expect(await start().finished).toMatchObject({ exitCode: 0, stdout: '3 of 3\n' });
  } finally {
    clearInterval(moving);
  }
  expect(ledger).toMatchObject({ submissions: 3, billed: 3 });
});

it('what a second Ctrl-C cuts is unknown afterwards, and is not sent again', async () => {
  await open();
  const { emulator } = workspace;
  emulator.setFaults([{ kind: 'stall', operation: 'submit' }]);
  const cut = start();
  await until(() => emulator.ledger.faults['stall'] === 1);
  // The first one waits for the answer.
  const presses = setInterval(() => cut.child.kill('SIGINT'), 50);
  const { signal } = await cut.finished;
  clearInterval(presses);
  expect(signal).toBe('SIGINT');

  emulator.setFaults([]);
  const next = await start().finished;
  expect(next).toMatchObject({ exitCode: 1, stdout: '0 of 3\n' });
  expect(next.stderr).toMatch(/scene-reference \S+ unknown/);
  expect(emulator.ledger.submissions).toBe(1);
});
