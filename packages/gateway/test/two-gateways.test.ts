import { openRedisPermits, openRedisStore } from '@holodeck/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { until } from '../../../test/support/until.ts';
import { startRedisServer } from '../../redis/test/support/redis-server.ts';
import type { RedisServer } from '../../redis/test/support/redis-server.ts';
import type { Gateway } from '../src/index.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';
import type { Services } from './support/gateway-fixture.ts';

const folders = new TemporaryFolders();
let services: Services;
let redis: RedisServer;
let folder: string;

beforeAll(async () => {
  [services, redis, folder] = await Promise.all([startServices({ jobMs: 150 }), startRedisServer(), folders.make()]);
});
afterAll(async () => {
  await services.close();
  await redis.close();
  await folders.remove();
});

interface Shared extends Gateway {
  /** As a process that dies: its sockets and its heartbeat end, its jobs stay open. */
  readonly leave: () => Promise<void>;
}

async function open(): Promise<Shared> {
  const { url } = redis;
  const store = await openRedisStore({ url });
  const permits = await openRedisPermits({ url });
  const gateway = await startTestGateway(services, folder, { store, permits });
  return {
    ...gateway,
    async leave() {
      await gateway.close();
      await permits.close();
      await store.close();
    },
  };
}

async function start(gateway: Gateway, prompt: string): Promise<string> {
  const answer = await fetch(`${gateway.url}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'hunyuan', prompt, background: true }),
  });
  return ((await answer.json()) as { id: string }).id;
}

async function status(gateway: Gateway, id: string): Promise<string> {
  return ((await (await fetch(`${gateway.url}/v1/jobs/${id}?wait=60`)).json()) as { status: string }).status;
}

test('two gateways keep to one limit, and each finds the jobs of the other, also of one that has gone', async () => {
  const [first, second] = await Promise.all([open(), open()]);
  const ids = await Promise.all(
    Array.from({ length: 10 }, (_, index) => start(index % 2 === 0 ? first : second, `图 ${index}`)),
  );
  const crossed = await Promise.all(ids.map((id, index) => status(index % 2 === 0 ? second : first, id)));
  expect(crossed).toEqual(ids.map(() => 'succeeded'));
  expect(services.hunyuan.ledger.maxConcurrent).toBeLessThanOrEqual(3);
  expect(services.hunyuan.ledger.refusals).toBe(0);
  expect(services.hunyuan.ledger.accepted).toBe(10);

  const left = await Promise.all(Array.from({ length: 5 }, (_, index) => start(first, `留下 ${index}`)));
  await until(() => services.hunyuan.ledger.accepted > 10);
  await first.leave();
  expect(await Promise.all(left.map((id) => status(second, id)))).toEqual(left.map(() => 'succeeded'));
  expect(services.hunyuan.ledger.accepted).toBe(15);
  await second.leave();
});
