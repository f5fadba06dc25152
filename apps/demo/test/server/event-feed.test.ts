import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionEvent, SessionEventOptions } from '@holodeck/hybrid';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DemoSessions } from '../../src/server/demo-sessions.ts';
import { startEmulatedServices } from '../../src/server/emulated-services.ts';
import { feedEvents } from '../../src/server/event-feed.ts';
import type { FeedSources } from '../../src/server/event-feed.ts';
import { localCaller, openJobService } from '@holodeck/gateway';
import type { JobService } from '@holodeck/gateway';
import type { DemoServices } from '../../src/server/services.ts';

let outputDir: string;
let services: DemoServices;
let jobs: JobService;
beforeEach(async () => {
  outputDir = await mkdtemp(join(tmpdir(), 'holodeck-feed-'));
  services = await startEmulatedServices();
  jobs = await openJobService({ ...services, outputDir });
});
afterEach(async () => {
  await jobs.close();
  await services.close();
  await rm(outputDir, { recursive: true, force: true });
});

it('stops reading every session if one cannot be read', async () => {
  const followed = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  async function* follow(id: string, options?: SessionEventOptions): AsyncGenerator<SessionEvent, void, undefined> {
    if (id === 'damaged') {
      await followed.promise;
      throw new Error('database disk image is malformed');
    }
    followed.resolve();
    try {
      yield* jobs.clients.sessions(localCaller).session(id).events(options);
    } finally {
      left.resolve();
    }
  }
  const sessions = new DemoSessions(services, jobs);
  const sources: FeedSources = {
    services,
    sessions: {
      availability: () => sessions.availability(),
      list: () => sessions.list(),
      view: (id) => sessions.view(id),
      onChange: (...listeners) => sessions.onChange(...listeners),
      session: (id) => ({ events: (options) => follow(id, options) }),
    },
    closing: new AbortController().signal,
  };
  const told = Promise.withResolvers<string>();
  const app = new Hono().get('/', (context) =>
    streamSSE(
      context,
      (stream) => feedEvents(sources, stream, { sessionIds: new Set(['whole', 'damaged']), after: 0 }),
      (error) => {
        told.resolve(error.message);
        return Promise.resolve();
      },
    ),
  );
  // The stream ends with the fault, so that the page asks again.
  await (await app.request('/')).text();
  expect(await told.promise).toBe('database disk image is malformed');
  await left.promise;
});
