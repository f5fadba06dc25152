import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStoreForFolder } from '@holodeck/core/stores';
import { readManifest } from '@holodeck/hybrid';
import { expect, it } from 'vitest';
import { sized } from '../support/long-runs.ts';
import { startCli } from '../support/run-cli.ts';
import { startKillService } from './support/kill-services.ts';

/** Each session has a test of its own, so that the bound of a test grows with the number of kills. */
const sessions = sized(['attic'], ['attic', 'cellar', 'hall', 'loft', 'study']);
const rounds = sized(2, 10);
const objectCount = rounds * 2;

interface AssetLine {
  readonly assetId: string;
  readonly success: boolean;
  readonly error?: { readonly outcome: string };
}

it.each(sessions)(
  `a session (%s) that is killed ${rounds} times finishes, and pays for each picture once`,
  async (id) => {
    const service = await startKillService('hunyuan');
    const folder = await mkdtemp(join(tmpdir(), 'holodeck-kills-'));
    const objects = Array.from({ length: objectCount }, (_, index) => [
      '--object',
      `o${index}: object number ${index}`,
    ]);
    const scene = ['scene', `a quiet ${id}`, '--session', id, '--out', 'out', '--json'];
    const start = (more: readonly string[] = objects.flat()): ReturnType<typeof startCli> =>
      startCli([...scene, ...more], service.environment, folder);
    let kills = 0;
    let inFlight = 0;
    try {
      // Without its reference a session has no cards, so an unknown one would leave nothing to test.
      expect(await start([]).end).toMatchObject({ code: 0 });
      for (let round = 0; round < rounds; round += 1) {
        const before = service.ledger.submissions;
        const run = start();
        while (service.ledger.submissions === before && run.process.exitCode === null) await sleep(2);
        await sleep(Math.random() * service.longestMs);
        run.process.kill('SIGKILL');
        if ((await run.end).signal !== 'SIGKILL') continue;
        kills += 1;
        inFlight += await submittingIn(join(folder, 'out'));
      }
      const last = await start().end;
      const lines = last.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as AssetLine);
      const unknown = lines.filter(({ error }) => error?.outcome === 'unknown');
      const failed = lines.filter(({ success, error }) => !success && error?.outcome !== 'unknown');
      const prompts = Map.groupBy(service.ledger.entries, ({ prompt }) => prompt);
      const paidTwice = [...prompts].filter(([, entries]) => entries.length > 1).map(([prompt]) => prompt);
      const figures = { kills, inFlight, objectCount, accepted: service.ledger.accepted, unknown: unknown.length };
      console.info(`session: ${JSON.stringify(figures)}`);

      expect(kills).toBeGreaterThan(0);
      expect(failed).toEqual([]);
      expect(paidTwice).toEqual([]);
      expect(lines).toHaveLength(objectCount + 1);
      expect(unknown.length).toBeLessThanOrEqual(inFlight);
      const { assets } = await readManifest(join(folder, 'out', id));
      const current = assets.filter(({ state }) => state === 'current');
      expect(current).toHaveLength(objectCount + 1 - unknown.length);
      for (const { path } of current) expect(existsSync(join(folder, 'out', id, path ?? ''))).toBe(true);
    } finally {
      await service.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
);

/** Submissions that the killed process had on the wire. */
async function submittingIn(folder: string): Promise<number> {
  const store = await openStoreForFolder(folder);
  try {
    return (await Array.fromAsync(store.tasks.list({ states: ['submitting'] }))).length;
  } finally {
    await store.close();
  }
}
