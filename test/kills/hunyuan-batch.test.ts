import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHunyuanEmulator } from '@holodeck/emulators';
import type { LedgerEntry } from '@holodeck/emulators';
import { expect, it } from 'vitest';
import { startCli } from '../support/run-cli.ts';

const rounds = Number(process.env['HOLODECK_KILL_ROUNDS'] ?? 10);
const count = rounds * 4;

// Lost: not delivered, not failed with a reason, not listed as `unknown`. Paid twice: two accepted submissions of one
// task, unless the first ended `failed` or `lost`.
it(`loses nothing and pays nothing twice when a batch is killed ${rounds} times`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-kills-'));
  const emulator = await startHunyuanEmulator({ limit: 1, jobMs: 60, slotTailMs: 20 });
  // Slow answers to some submissions, so that kills also strike while one is on the wire.
  emulator.setFaults([{ kind: 'stall', operation: 'submit', delayMs: 120, rate: 0.4 }]);
  const environment = {
    HUNYUAN_SECRET_ID: emulator.credentials.secretId,
    HUNYUAN_SECRET_KEY: emulator.credentials.secretKey,
    HUNYUAN_ENDPOINT: emulator.url,
  };
  try {
    const tasks = Array.from({ length: count }, (_, index) => ({
      prompt: `任务${index + 1}`,
      taskId: `t${index + 1}`,
      out: `t${index + 1}.png`,
      size: '512x512',
    }));
    await writeFile(join(folder, 'tasks.jsonl'), tasks.map((task) => JSON.stringify(task)).join('\n'));
    const command = ['batch', 'tasks.jsonl', '--out', 'out', '--backend', 'hunyuan', '--json'];
    for (let round = 0; round < rounds; round += 1) {
      const before = emulator.ledger.accepted;
      const run = startCli(command, environment, folder);
      // Killed at a random moment after the first progress of this round, so that every step of a task is hit.
      while (emulator.ledger.accepted === before && run.process.exitCode === null) await sleep(5);
      await sleep(Math.random() * 250);
      run.process.kill('SIGKILL');
      await run.end;
    }
    const last = await startCli(command, environment, folder).end;
    const results = last.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { taskId: string; success: boolean; error?: { outcome: string } });
    const unknown = results.filter(({ error }) => error?.outcome === 'unknown').map(({ taskId }) => taskId);
    const files = new Set(
      (await readdir(join(folder, 'out'))).filter((name) => name.endsWith('.png')).map((name) => name.slice(0, -4)),
    );
    const lost = tasks.filter(({ taskId }) => !files.has(taskId) && !unknown.includes(taskId));
    const accepted = Map.groupBy(emulator.ledger.snapshot().entries, ({ prompt }) => prompt);
    const ended = (entry: Readonly<LedgerEntry> | undefined): boolean =>
      entry?.state === 'failed' || entry?.state === 'lost';
    const paidTwice = [...accepted.values()].filter((entries) => entries.slice(0, -1).some((entry) => !ended(entry)));
    const { accepted: taken, billed, delivered, maxConcurrent, refusals } = emulator.ledger.snapshot();
    console.info(
      `${rounds} kills, ${count} tasks: ${JSON.stringify({ taken, billed, delivered, maxConcurrent, refusals, unknown: unknown.length })}`,
    );
    expect(lost).toEqual([]);
    expect(paidTwice).toEqual([]);
    expect(unknown.length).toBeLessThanOrEqual(rounds);
    expect(results).toHaveLength(count);
    expect(last.code).toBe(unknown.length > 0 ? 1 : 0);
    const jobs = await startCli(['jobs', '--out', 'out', '--json'], environment, folder).end;
    for (const taskId of unknown) expect(jobs.stdout).toContain(`"${taskId}"`);
  } finally {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}, 600_000);
