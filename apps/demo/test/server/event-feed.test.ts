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
import { PolicyClients } from '../../src/server/policy-clients.ts';
import type { DemoServices } from '../../src/server/services.ts';
import { SessionRuns } from '../../src/server/session-runs.ts';

let outputDir: string;
let services: DemoServices;
let clients: PolicyClients;
beforeEach(async () => {
  outputDir = await mkdtemp(join(tmpdir(), 'holodeck-feed-'));
  services = await startEmulatedServices();
  clients = new PolicyClients(services, outputDir);
});
afterEach(async () => {
  await clients.close();
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
      yield* clients.reader.session(id).events(options);
    } finally {
      left.resolve();
    }
  }
  const runs = new SessionRuns();
  const sources: FeedSources = {
    services,
    clients: {
      availability: () => clients.availability(),
      onChange: (listener) => clients.onChange(listener),
      reader: { session: (id) => ({ events: (options) => follow(id, options) }) },
    },
    sessions: new DemoSessions(services, clients, runs, outputDir),
    runs,
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
