import { join } from 'node:path';
import { openRedisPermits, openRedisStore } from '@holodeck/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { until } from '../../../test/support/until.ts';
import { startRedisServer } from '../../redis/test/support/redis-server.ts';
import type { RedisServer } from '../../redis/test/support/redis-server.ts';
import { addKey } from '../src/index.ts';
import type { Gateway } from '../src/index.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';
import { GatewayProcess } from './support/gateway-process.ts';
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

let bearer = '';

async function start(gateway: { readonly url: string }, prompt: string): Promise<string> {
  const answer = await fetch(`${gateway.url}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ model: 'hunyuan', prompt, background: true }),
  });
  return ((await answer.json()) as { id: string }).id;
}

async function status(gateway: { readonly url: string }, id: string): Promise<string> {
  for (;;) {
    const headers = { authorization: `Bearer ${bearer}` };
    const answer = await fetch(`${gateway.url}/v1/jobs/${id}?wait=60`, { headers });
    const { status: found } = (await answer.json()) as { status: string };
    if (!['queued', 'running'].includes(found)) return found;
  }
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

test('a gateway that is killed leaves its jobs to the other one, and nothing is sent twice', async () => {
  const shared = await folders.make();
  await addKey(join(shared, 'keys.json'), 'one').then(({ key }) => (bearer = key));
  const { secretId, secretKey } = services.hunyuan.credentials;
  const environment = {
    HOLODECK_STORE: redis.url,
    HUNYUAN_SECRET_ID: secretId,
    HUNYUAN_SECRET_KEY: secretKey,
    HUNYUAN_ENDPOINT: services.hunyuan.url,
    HUNYUAN_MAX_CONCURRENT: '3',
  };
  const options = { folder: shared, backend: 'hunyuan', environment };
  const [first, second] = await Promise.all([GatewayProcess.start(options), GatewayProcess.start(options)]);
  const before = services.hunyuan.ledger.accepted;
  const ids: string[] = [];
  for (let index = 0; index < 6; index += 1) ids.push(await start(first, `遗留 ${index}`));
  await until(() => services.hunyuan.ledger.accepted > before);
  await first.kill();
  const ends = await Promise.all(ids.map((id) => status(second, id)));
  // A submission that was on the wire cannot be looked up at Hunyuan: it is not sent again.
  const made = ends.filter((end) => end === 'succeeded').length;
  expect(ends.length - made).toBeLessThanOrEqual(3);
  expect(services.hunyuan.ledger.accepted - before).toBeLessThanOrEqual(6);
  expect(services.hunyuan.ledger.maxConcurrent).toBeLessThanOrEqual(3);
  const prompts = services.hunyuan.ledger.entries.map(({ prompt }) => prompt);
  expect(new Set(prompts).size).toBe(prompts.length);
  await second.kill('SIGTERM');
});
