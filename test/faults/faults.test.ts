import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultRows } from './support/fault-rows.ts';
import { runPlay } from './support/run-play.ts';
import { faultyServers, startService } from './support/services.ts';
import type { FaultyService } from './support/services.ts';
import { hasSmallDisks } from './support/small-disk.ts';

if (!hasSmallDisks) {
  const message = 'Faults of the disk need a small disk (mount of a tmpfs), which this user cannot create.';
  if (process.env['CI'] === 'true') it('has a small disk', () => expect.fail(message));
  console.error(`\n!!! NOT RUN: rows of test/faults. ${message}\n`);
}

// The matrix of docs/reliability.md: each fault against each server, then the same command again.
describe.each(faultyServers.map((server) => ({ ...server, name: `${server.column} (${server.api})` })))(
  '$name',
  (server) => {
    let service: FaultyService;
    beforeAll(async () => {
      service = await startService(server);
    });
    afterAll(() => service.stop());

    for (const { group, fault, plays, needsDisk = false } of faultRows) {
      const play = plays[server.column];
      if (typeof play === 'string') continue;
      it.skipIf(needsDisk && !hasSmallDisks)(`${group}: ${fault}`, async () => {
        const { ends, again, messages, violations } = await runPlay(service, play, needsDisk);
        expect({ ends, again }, messages.join('\n')).toEqual({ ends: play.ends, again: play.again });
        expect(violations).toEqual([]);
      });
    }
  },
);
