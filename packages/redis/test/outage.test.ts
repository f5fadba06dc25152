import { execFileSync } from 'node:child_process';
import { systemClock } from '@holodeck/core/backend';
import { createOwner, type PermitStore, type Store } from '@holodeck/core/stores';
import { createHunyuanClient } from '@holodeck/hunyuan';
import { createImageQueue, openRedisPermits, openRedisStore } from '@holodeck/redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { QueueWorld } from './support/queue-world.ts';
import { alwaysSynced, startRedisServer, type RedisServer } from './support/redis-server.ts';

const lane = 'hunyuan/ap-guangzhou/0123456789abcdef';
const owner = createOwner().id;
const secret = 'ein-geheimes-Wort';
let server: RedisServer;
const open: (Store | PermitStore)[] = [];

beforeEach(async () => {
  server = await startRedisServer(alwaysSynced);
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  await server.close();
});

async function openPermits(options: { readonly maxOutageMs?: number } = {}): Promise<PermitStore> {
  const permits = await openRedisPermits({ url: server.url, ...options });
  open.push(permits);
  return permits;
}

async function openStore(options: { readonly maxOutageMs?: number } = {}): Promise<Store> {
  const store = await openRedisStore({ url: server.url, ...options });
  open.push(store);
  return store;
}

/** Sends a command from another process, while this one waits. */
function sendNow(command: string): void {
  const program = `require('node:net').connect(${server.port}, '127.0.0.1', function () {
    this.write(${JSON.stringify(`${command}\r\n`)});
  }).once('data', () => process.exit(0));`;
  execFileSync(process.execPath, ['-e', program]);
}

async function rejectionOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => expect.fail('it resolved'),
    (error: unknown) => error as Error,
  );
}

describe('without a server', () => {
  it.each([
    ['nobody listens', () => 'redis://:ein-geheimes-Wort@127.0.0.1:1/0'],
    ['the login is refused', () => `redis://nobody:${secret}@127.0.0.1:${server.port}/0`],
    ['the database does not exist', () => `redis://127.0.0.1:${server.port}/9999`],
  ])('opening fails with a clear error that holds no password: %s', async (_name, url) => {
    for (const opening of [openRedisStore, openRedisPermits]) {
      const error = await rejectionOf(opening({ url: url(), connectTimeoutMs: 300 }));
      expect(error).toMatchObject({ kind: 'storage', outcome: 'not-submitted' });
      expect(error.message).toContain('127.0.0.1');
      expect(error.message + JSON.stringify(error)).not.toContain(secret);
    }
  });

  it.each([
    '',
    'localhost:6379',
    'http://localhost',
    `redis://:${secret}@`,
    `redis://:${secret}@host/name`,
    `redis://user:12/${secret}@host/0`,
    `redis://:${secret}@host?x=1`,
  ])('an address that cannot be is refused: %s', async (url) => {
    const error = await rejectionOf(openRedisStore({ url }));
    expect(error).toMatchObject({ kind: 'invalid-request' });
    expect(error.message).not.toContain(secret);
  });

  it('nothing is granted or written, and nothing of it is carried out later', async () => {
    const permits = await openPermits({ maxOutageMs: 100 });
    const store = await openStore({ maxOutageMs: 100 });
    await server.kill();
    const failures = [
      permits.tryAcquire({ lane, limit: 1, key: 'key', owner }),
      permits.waitForRelease(lane, 60_000, new AbortController().signal),
      permits.reserveRate(lane, 'submit', 20),
      store.sessions.get('session'),
      store.sessions.appendEvent('session', 'noted', {}),
    ];
    for (const failure of await Promise.all(failures.map(rejectionOf))) {
      expect(failure).toMatchObject({ kind: 'storage', outcome: 'not-submitted', retryable: true });
    }
    await server.start();
    const again = await openPermits();
    expect(await again.count(lane)).toBe(0);
    expect(await (await openStore()).sessions.events('session')).toEqual([]);
  });
});

describe('a queue whose server stays away', () => {
  it('is reported to producers and to waiting callers', async () => {
    const queue = await createImageQueue({ url: server.url, lane, maxOutageMs: 100 });
    const [queued] = await queue.enqueueTasks([{ prompt: 'a lamp' }]);
    if (queued === undefined) throw new Error('no task');
    const waiting = rejectionOf(queue.result(queued));
    await server.kill();
    const failures = [
      waiting,
      rejectionOf(queue.enqueueTasks([{ prompt: 'another' }])),
      rejectionOf(queue.cancel(queued)),
      rejectionOf(queue.status()),
    ];
    for (const failure of await Promise.all(failures)) {
      expect(failure).toMatchObject({ kind: 'storage', outcome: 'not-submitted' });
      expect(failure.message).toContain(`redis://127.0.0.1:${server.port}`);
    }
    await queue.close();
  });

  it('lets a worker be closed', async () => {
    const world = await QueueWorld.start(server);
    try {
      const worker = await world.startWorker();
      await server.kill();
      await worker.close();
      await worker.finished;
      expect(worker.isHealthy).toBe(false);
    } finally {
      await world.close();
    }
  });
});

describe('a server that is killed and started again', () => {
  it('has lost nothing, and calls made meanwhile succeed once', async () => {
    const permits = await openPermits();
    const store = await openStore();
    await permits.tryAcquire({ lane, limit: 2, key: 'before', owner });
    await store.sessions.appendEvent('session', 'before', {});
    await server.kill();
    const meanwhile = [
      permits.tryAcquire({ lane, limit: 2, key: 'meanwhile', owner }),
      store.sessions.appendEvent('session', 'meanwhile', {}),
      store.sessions.compareAndSet(0, { sessionId: 'session', state: 'free', epoch: 0, data: {} }),
    ];
    await server.start();
    expect((await Promise.all(meanwhile))[0]).toBe(true);
    expect(await permits.tryAcquire({ lane, limit: 2, key: 'third', owner })).toBe(false);
    expect((await store.sessions.events('session')).map(({ type }) => type)).toEqual(['before', 'meanwhile']);
    expect((await store.sessions.get('session'))?.revision).toBe(1);
  });

  it('wakes those who wait for a permit that is given back through another connection', async () => {
    const permits = await openPermits();
    const other = await openPermits();
    await permits.tryAcquire({ lane, limit: 1, key: 'key', owner });
    expect(await other.tryAcquire({ lane, limit: 1, key: 'waiting', owner })).toBe(false);
    await server.kill();
    await server.start();
    const waiting = other.waitForRelease(lane, 600_000, new AbortController().signal);
    await permits.release(lane, 'key');
    await waiting;
    expect(await other.tryAcquire({ lane, limit: 1, key: 'waiting', owner })).toBe(true);
  });
});

it('a client that could not write down what was paid starts new work again when the server is back', async () => {
  const world = await QueueWorld.start(server);
  let aheadMs = 0;
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs };
  const store = await openStore({ maxOutageMs: 100 });
  const client = createHunyuanClient({
    ...world.credentials,
    outputDir: world.folder,
    store,
    retryBaseMs: 5,
    retryMaxMs: 20,
    internal: { clock },
  });
  world.onClose(() => client.close());
  // The picture cannot be fetched until the server is away.
  world.emulator.setFaults([{ kind: 'http-status', status: 500, operation: 'download' }]);
  const accepted = Promise.withResolvers<void>();
  const paid = client.generate(
    { prompt: 'a lamp', size: '512x512' },
    { onProgress: (event) => void (event.type === 'state' && event.state === 'accepted' && accepted.resolve()) },
  );
  try {
    await accepted.promise;
    await server.kill();
    world.emulator.setFaults([]);
    expect(await paid).toMatchObject({ success: true, warnings: [{ code: 'storage' }] });
    await server.start();
    // The store comes back a little later.
    const isBack = (): Promise<boolean> => Array.fromAsync(store.tasks.list()).then(Boolean, () => false);
    await until(isBack);
    const next = { prompt: 'a stool', size: '512x512' };
    expect(await client.generate(next)).toMatchObject({ error: { kind: 'storage', outcome: 'not-submitted' } });
    expect(world.emulator.ledger.submissions).toBe(1);
    aheadMs = 10_000;
    expect(await client.generate(next)).toMatchObject({ success: true });
  } finally {
    await world.close();
  }
});

describe('leases', () => {
  // For an owner of another host only the lease says whether it lives.
  const elsewhere = 'other-host/boot/1/1/nonce';
  const held = `{holodeck}:permits:held:${lane}`;
  const laneKey = `{holodeck}:permits:lane:${lane}`;

  async function serverTimeMs(): Promise<number> {
    const [seconds] = await server.inspect.time();
    return Number(seconds) * 1000;
  }

  it('free a permit of another host when they run out', async () => {
    const permits = await openPermits();
    const now = await serverTimeMs();
    await server.inspect.hset(held, 'key', `1 ${now + 20_000} ${elsewhere}`);
    expect(await permits.tryAcquire({ lane, limit: 1, key: 'ours', owner })).toBe(false);
    await server.inspect.hset(held, 'key', `1 ${now - 1} ${elsewhere}`);
    expect(await permits.tryAcquire({ lane, limit: 1, key: 'ours', owner })).toBe(true);
  });

  it('that ran out while the server was away get some grace for their holders to come back', async () => {
    const permits = await openPermits();
    const now = await serverTimeMs();
    await server.inspect.hset(held, 'key', `1 ${now - 60_000} ${elsewhere}`);
    await server.inspect.hset(laneKey, 'seen', String(now - 80_000));
    expect(await permits.tryAcquire({ lane, limit: 1, key: 'ours', owner })).toBe(false);
    const [, untilMs] = (await server.inspect.hget(held, 'key'))?.split(' ') ?? [];
    expect(Number(untilMs)).toBeGreaterThan(now);
    expect(Number(untilMs)).toBeLessThan(now + 60_000);
  });

  it('number their grants, so that a late renewal does not take a job back', async () => {
    const first = await openPermits();
    const second = await openPermits();
    await first.tryAcquire({ lane, limit: 1, key: 'key', owner });
    await second.adopt({ lane, key: 'key', owner: createOwner().id });
    const fences = [(await server.inspect.hget(held, 'key'))?.split(' ')[0]];
    await second.release(lane, 'key');
    await second.tryAcquire({ lane, limit: 1, key: 'key', owner });
    fences.push((await server.inspect.hget(held, 'key'))?.split(' ')[0]);
    expect(fences).toEqual(['2', '3']);
  });

  it('know that they are held, until they are given back', async () => {
    const permits = await openPermits();
    expect(permits.isHeld(lane, 'key')).toBe(false);
    await permits.tryAcquire({ lane, limit: 1, key: 'key', owner });
    expect(permits.isHeld(lane, 'key')).toBe(true);
    await permits.release(lane, 'key');
    expect(permits.isHeld(lane, 'key')).toBe(false);
  });

  it('keep an owner of another host alive as long as its heartbeat is young, by the server’s clock', async () => {
    const store = await openStore();
    const now = await serverTimeMs();
    await server.inspect.set('{holodeck}:owners:seen', String(now));
    await server.inspect.zadd('{holodeck}:owners', now - 10_000, elsewhere);
    expect(await store.isOwnerAlive(elsewhere)).toBe(true);
    await server.inspect.zadd('{holodeck}:owners', now - 40_000, elsewhere);
    expect(await store.isOwnerAlive(elsewhere)).toBe(false);
    // Nobody could beat for a minute: the server was away.
    await server.inspect.set('{holodeck}:owners:seen', String(now - 60_000));
    await server.inspect.zadd('{holodeck}:owners', now - 62_000, elsewhere);
    expect(await store.isOwnerAlive(elsewhere)).toBe(true);
  });
});

describe('silence', () => {
  const elsewhere = 'other-host/boot/1/1/nonce';

  it('of seconds shows an owner of another host, but not soon after the server was away', async () => {
    const store = await openStore();
    await store.registerOwner(createOwner());
    const beat = async (agoMs: number): Promise<void> => {
      const [seconds, micros] = await server.inspect.time();
      const now = Number(seconds) * 1000 + Number(micros) / 1000;
      await server.inspect.zadd('{holodeck}:owners', now - agoMs, elsewhere);
      await server.inspect.set('{holodeck}:owners:seen', String(Math.floor(now)));
    };
    await beat(0);
    expect(await store.isOwnerSilent?.(elsewhere)).toBe(false);
    await beat(5000);
    expect(await store.isOwnerSilent?.(elsewhere)).toBe(true);
    expect(await store.isOwnerAlive(elsewhere)).toBe(true);
    // Nobody gave a sign for a while: it may be the server that was away.
    const seen = Number(await server.inspect.get('{holodeck}:owners:seen'));
    await server.inspect.set('{holodeck}:owners:seen', String(seen - 6000));
    expect(await store.isOwnerSilent?.(elsewhere)).toBe(false);
    expect(await store.isOwnerSilent?.('never-seen/boot/1/1/nonce')).toBe(true);
  });
});

describe('those who wait for permits', () => {
  it('come in the order in which owners began to wait, however many each asks for', async () => {
    const [first, second] = [createOwner().id, createOwner().id];
    const permits = await openPermits();
    const ask = async (key: string, by: string): Promise<boolean> =>
      permits.tryAcquire({ lane, limit: 1, key, owner: by });
    expect(await ask('running', first)).toBe(true);
    expect(await ask('waiting', second)).toBe(false);
    expect(await ask('another', first)).toBe(false);
    await permits.release(lane, 'running');
    expect(await ask('another', first)).toBe(false);
    expect(await ask('waiting', second)).toBe(true);
    await permits.release(lane, 'waiting');
    expect(await ask('another', first)).toBe(true);
  });

  it('give their place up by giving back what they asked for', async () => {
    const [first, second] = [createOwner().id, createOwner().id];
    const permits = await openPermits();
    await permits.tryAcquire({ lane, limit: 1, key: 'running', owner });
    await permits.tryAcquire({ lane, limit: 1, key: 'a', owner: first });
    await permits.tryAcquire({ lane, limit: 1, key: 'b', owner: first });
    await permits.tryAcquire({ lane, limit: 1, key: 'c', owner: second });
    await permits.release(lane, 'running');
    await permits.release(lane, 'a');
    expect(await permits.tryAcquire({ lane, limit: 1, key: 'c', owner: second })).toBe(false);
    await permits.release(lane, 'b');
    expect(await permits.tryAcquire({ lane, limit: 1, key: 'c', owner: second })).toBe(true);
  });

  it('know how long jobs took before', async () => {
    const permits = await openPermits();
    await permits.keepDurations(lane, { key: 'model 1024x1024', durationsMs: [1, 2.5] });
    await permits.keepDurations(lane, { key: 'model 1024x1024', durationsMs: [3] });
    const again = await openPermits();
    expect(await again.recallDurations(lane)).toEqual([{ key: 'model 1024x1024', durationsMs: [3] }]);
    expect(await again.recallDurations('another')).toEqual([]);
  });
});

describe('a publish section', () => {
  it('is refused when another process has entered meanwhile, and writes nothing', async () => {
    const store = await openStore();
    const card = { sessionId: 's', assetId: 'card/a', epoch: 1, state: 'current', data: {}, updatedAtMs: 1 } as const;
    await store.sessions.publish('s', () => ({ assets: [card] }));
    const late = store.sessions.publish('s', () => {
      // As after a pause of this process: the lease is over, and somebody else has taken it.
      sendNow(`HSET {holodeck}:sessions:publish:s fence 99 until 0`);
      return { assets: [{ ...card, state: 'stale' }] };
    });
    expect(await rejectionOf(late)).toMatchObject({ kind: 'storage', retryable: true });
    expect(await store.sessions.assets('s')).toEqual([card]);
  });

  it('has a longer lease where the server answers slowly', async () => {
    const store = await openStore();
    await server.inspect.call('CLIENT', 'PAUSE', '600000', 'WRITE');
    const slow = store.sessions.publish('s', () => ({}));
    await until(async () => / flags=\S*b/.test(String(await server.inspect.call('CLIENT', 'LIST'))));
    await new Promise((resolve) => setTimeout(resolve, 750));
    await Promise.all([slow, server.inspect.call('CLIENT', 'UNPAUSE')]);
    const begunAtMs = Date.now();
    await store.sessions.publish('s', () => {
      sendNow('COPY {holodeck}:sessions:publish:s {holodeck}:seen');
      return {};
    });
    expect(Number(await server.inspect.hget('{holodeck}:seen', 'until'))).toBeGreaterThanOrEqual(begunAtMs + 7000);
  });

  it('does not wait for a publisher of this host that has died', async () => {
    const store = await openStore();
    const { host, boot, pid, nonce } = createOwner();
    const dead = `${host}/${boot}/${pid}/1/${nonce}#call`;
    const endsAtMs = Date.now() + 3_600_000;
    await server.inspect.hset('{holodeck}:sessions:publish:s', { fence: 7, until: endsAtMs, owner: dead });
    const session = { sessionId: 's', state: 'free', epoch: 0, data: {} } as const;
    expect(await store.sessions.compareAndSet(0, session)).toMatchObject({ revision: 1 });
    const published = await store.sessions.publish('s', (section) => ({ session: { ...section.session, epoch: 1 } }));
    expect(published.session).toMatchObject({ epoch: 1, revision: 2 });
  });
});

describe('persistence', () => {
  it.each([
    [['--appendonly', 'no'], /append-only file/],
    [['--appendfsync', 'no'], /appendfsync/],
    [['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'], /noeviction/],
    [[], undefined],
  ])('a server with %j causes a warning', async (options, expected) => {
    const other = await startRedisServer(options);
    const messages: string[] = [];
    try {
      const store = await openRedisStore({ url: other.url, onWarning: ({ message }) => messages.push(message) });
      await store.close();
    } finally {
      await other.close();
    }
    if (expected === undefined) expect(messages).toEqual([]);
    else expect(messages.join('\n')).toMatch(expected);
  });
});
