import { describePermitStore, describeStore } from '@holodeck/conformance';
import { openRedisPermits, openRedisStore } from '@holodeck/redis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { withPackages } from '../../../test/support/packages.ts';
import { startRedisServer, type RedisServer } from './support/redis-server.ts';

const remoteModule = new URL('support/open-remote.ts', import.meta.url).href;
let server: RedisServer;
let prefixes = 0;

beforeAll(async () => {
  // For the processes of the suites.
  vi.stubEnv('NODE_OPTIONS', withPackages.join(' '));
  server = await startRedisServer();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

/** Options with a prefix that nobody has used: fresh data on the one server. */
function fresh(): { readonly url: string; readonly prefix: string } {
  prefixes += 1;
  return { url: server.url, prefix: `test-${prefixes}` };
}

describeStore({
  name: 'Redis',
  runner: { describe, it, expect },
  acrossProcesses: true,
  async createHarness() {
    const options = fresh();
    return {
      open: () => openRedisStore(options),
      remote: { module: remoteModule, open: 'openStore', argument: options },
      dispose: async () => undefined,
    };
  },
});

describePermitStore({
  name: 'Redis',
  runner: { describe, it, expect },
  reach: 'network',
  async createHarness() {
    const options = fresh();
    return {
      open: () => openRedisPermits(options),
      remote: { module: remoteModule, open: 'openPermits', argument: options },
      dispose: async () => undefined,
    };
  },
});
