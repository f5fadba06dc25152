import { openRedisStore } from '@holodeck/redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkSessionLock } from '../../packages/hybrid/test/support/check-session-lock.ts';
import { startRedisServer, type RedisServer } from '../../packages/redis/test/support/redis-server.ts';
import { sized } from '../support/long-runs.ts';

const runs = sized(15, 200);
let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => server.close());

it('the lock of a session holds over Redis as it does in memory', async () => {
  let stores = 0;
  await checkSessionLock(runs, () => {
    stores += 1;
    return openRedisStore({ url: server.url, prefix: `lock-${stores}` });
  });
  expect(stores).toBeGreaterThanOrEqual(runs);
});
