import { describe, expect, it } from 'vitest';
import { sized } from '../support/long-runs.ts';
import { killBatch } from './support/kill-batch.ts';
import type { KillReport } from './support/kill-batch.ts';
import { startKillService } from './support/kill-services.ts';
import type { KillServiceName } from './support/kill-services.ts';

/** Kills of each of the five batches; docs/reliability.md has the figures of 50. */
const rounds = sized(3, 50);

async function play(name: KillServiceName, resubmitUnknown = false): Promise<KillReport> {
  const service = await startKillService(name);
  try {
    const tasksPerRound = name === 'openai' || name === 'hy-image-3.5' ? 8 : 4;
    const report = await killBatch(service, { rounds, tasksPerRound, resubmitUnknown });
    const { last: _last, ...figures } = report;
    console.info(`${name}${resubmitUnknown ? ' --resubmit-unknown' : ''}: ${JSON.stringify(figures)}`);
    expect(report.kills).toBeGreaterThan(0);
    // Each unknown one was being sent when its run was killed. Whether it left, the ledger knows: sent again on request, what
    // never left is paid for once in all, and the rest once more.
    expect(report).toMatchObject({ unexplained: [], misaccounted: [] });
    return report;
  } finally {
    await service.close();
  }
}

describe(`a batch that is killed ${rounds} times`, () => {
  it('Hunyuan: loses nothing, pays nothing twice, and lists unknown outcomes', async () => {
    const report = await play('hunyuan');
    expect(report).toMatchObject({ lost: [], paidTwice: [], unlisted: [] });
    expect(report.unknown.length).toBeLessThanOrEqual(report.inFlight);
    expect(report.delivered + report.unknown.length).toBe(report.tasks);
    expect(report.last.code).toBe(report.unknown.length > 0 ? 1 : 0);
  });

  it.each([
    ['OpenAI', 'openai'],
    ['Hy-Image 3.5', 'hy-image-3.5'],
  ] as const)('%s: loses nothing, pays nothing twice, and never asks again for an answer on disk', async (_, name) => {
    const report = await play(name);
    expect(report).toMatchObject({ lost: [], paidTwice: [], askedAgain: [], unlisted: [] });
    expect(report.unknown.length).toBeLessThanOrEqual(report.inFlight);
    expect(report.delivered + report.unknown.length).toBe(report.tasks);
    expect(report.last.code).toBe(report.unknown.length > 0 ? 1 : 0);
  });

  it('OpenAI with --resubmit-unknown: delivers all, and pays at most for what was on the wire once more', async () => {
    const report = await play('openai', true);
    expect(report).toMatchObject({ lost: [], unknown: [], askedAgain: [], delivered: report.tasks });
    expect(report.accepted - report.tasks).toBeLessThanOrEqual(report.inFlight);
    expect(report.last.code).toBe(0);
  });

  it('ComfyUI: delivers all and makes nothing twice, because the server can be asked', async () => {
    const report = await play('comfyui');
    expect(report).toMatchObject({ lost: [], unknown: [], paidTwice: [], delivered: report.tasks });
    expect(report.last.code).toBe(0);
  });
});
