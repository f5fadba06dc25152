import { ImageError } from '@holodeck/core';
import { type AssetRecord, type SessionRecord } from '@holodeck/core/stores';
import type { WithStore } from './describe-store.ts';
import { rejectionOf } from './rejection.ts';
import type { SuiteRunner } from './suite-runner.ts';

const claim: Omit<SessionRecord, 'revision'> = {
  sessionId: 'session',
  state: 'claimed',
  epoch: 1,
  backend: 'hunyuan',
  model: 'image-3.0',
  fingerprint: 'fingerprint',
  reason: 'the first that was ready',
  probes: [{ backend: 'hunyuan', status: 'ready' }],
  owner: 'owner',
  acquiredAtMs: 1,
  expiresAtMs: 2,
  data: { sceneText: '雨夜的面馆' },
};

const card: AssetRecord = {
  sessionId: 'session',
  assetId: 'card/书架',
  epoch: 1,
  state: 'current',
  data: { sha256: 'a'.repeat(64) },
  updatedAtMs: 3,
};

/** What `SessionStore` promises to one process. */
export function describeStoreSessions({ describe, it, expect }: SuiteRunner, withStore: WithStore): void {
  describe('sessions', () => {
    it(
      'creates a session once and gives it back as it was',
      withStore(async ({ store }) => {
        expect(await store.sessions.get('session')).toBeUndefined();
        const created = await store.sessions.compareAndSet(0, claim);
        expect(created).toEqual({ ...claim, revision: 1 });
        expect(await store.sessions.compareAndSet(0, { ...claim, owner: 'late' })).toBeUndefined();
        expect(await store.sessions.get('session')).toEqual(created);
      }),
    );

    // Two writers of one epoch would mix looks, so only one of those that read the same revision may write.
    it(
      'lets exactly one of many move a session on',
      withStore(async ({ store, open }) => {
        const other = await open();
        await store.sessions.compareAndSet(0, claim);
        const tries = Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? store : other).sessions.compareAndSet(1, { ...claim, owner: `owner-${index}` }),
        );
        const winners = (await Promise.all(tries)).filter((record) => record !== undefined);
        expect(winners).toHaveLength(1);
        expect(await other.sessions.get('session')).toEqual(winners[0]);
        expect(await store.sessions.compareAndSet(7, claim)).toBeUndefined();
      }),
    );

    it(
      'replaces the whole record: what the new one lacks is gone',
      withStore(async ({ store }) => {
        await store.sessions.compareAndSet(0, claim);
        const free = { sessionId: 'session', state: 'free', epoch: 2, data: {} } as const;
        expect(await store.sessions.compareAndSet(1, free)).toEqual({ ...free, revision: 2 });
        expect(await store.sessions.get('session')).toEqual({ ...free, revision: 2 });
      }),
    );

    it(
      'lists sessions in order of creation',
      withStore(async ({ store }) => {
        for (const sessionId of ['b', 'a', 'c']) await store.sessions.compareAndSet(0, { ...claim, sessionId });
        await store.sessions.compareAndSet(1, { ...claim, sessionId: 'b' });
        expect((await store.sessions.list()).map((session) => session.sessionId)).toEqual(['b', 'a', 'c']);
      }),
    );

    it(
      'publishes record, assets and events together',
      withStore(async ({ store }) => {
        await store.sessions.compareAndSet(0, claim);
        const published = await store.sessions.publish('session', ({ session, assets }) => {
          expect(session).toEqual({ ...claim, revision: 1 });
          expect(assets).toEqual([]);
          return {
            session: { ...session, state: 'locked' },
            assets: [card, { ...card, assetId: 'scene-reference' }],
            events: [
              { type: 'lock', data: { epoch: 1 } },
              { type: 'asset', data: { assetId: card.assetId } },
            ],
          };
        });
        expect(published.session).toEqual({ ...claim, state: 'locked', revision: 2 });
        expect(published.assets).toEqual([card, { ...card, assetId: 'scene-reference' }]);
        expect(await store.sessions.get('session')).toEqual(published.session);
        expect(await store.sessions.assets('session')).toEqual(published.assets);
        expect((await store.sessions.events('session')).map(({ sequence, type }) => [sequence, type])).toEqual([
          [1, 'lock'],
          [2, 'asset'],
        ]);
      }),
    );

    it(
      'writes nothing when a publish section throws, and passes the error on',
      withStore(async ({ store }) => {
        await store.sessions.compareAndSet(0, claim);
        await store.sessions.publish('session', () => ({ assets: [card] }));
        const failure = new Error('the rename failed');
        const rejection = await rejectionOf(
          store.sessions.publish('session', () => {
            throw failure;
          }),
        );
        expect(rejection).toBe(failure);
        const cyclic: Record<string, unknown> = {};
        cyclic['self'] = cyclic;
        await rejectionOf(
          store.sessions.publish('session', ({ session }) => ({
            session: { ...session, epoch: 9 },
            assets: [{ ...card, state: 'stale' }],
            events: [{ type: 'broken', data: cyclic }],
          })),
        );
        expect(await store.sessions.get('session')).toEqual({ ...claim, revision: 1 });
        expect(await store.sessions.assets('session')).toEqual([card]);
        expect(await store.sessions.events('session')).toEqual([]);
        expect(await store.sessions.compareAndSet(1, claim)).toMatchObject({ revision: 2 });
      }),
    );

    it(
      'hands a free session with revision 0 to the section of an unknown one',
      withStore(async ({ store }) => {
        const seen = { sessionId: 'new', state: 'free', epoch: 0, data: {}, revision: 0 };
        const published = await store.sessions.publish('new', ({ session }) => {
          expect(session).toEqual(seen);
          return {};
        });
        expect(published).toEqual({ session: seen, assets: [] });
        expect(await store.sessions.get('new')).toBeUndefined();
        const created = await store.sessions.publish('new', ({ session }) => ({ session: { ...session, epoch: 1 } }));
        expect(created.session).toEqual({ ...seen, epoch: 1, revision: 1 });
      }),
    );

    it(
      'replaces an asset in its place and leaves the others',
      withStore(async ({ store }) => {
        const other = { ...card, assetId: 'scene-reference' };
        await store.sessions.publish('session', () => ({ assets: [card, other] }));
        await store.sessions.publish('session', () => ({ assets: [{ ...card, state: 'stale' }] }));
        await store.sessions.publish('else', () => ({ assets: [{ ...card, sessionId: 'else' }] }));
        expect(await store.sessions.assets('session')).toEqual([{ ...card, state: 'stale' }, other]);
        expect(await store.sessions.assets('none')).toEqual([]);
      }),
    );

    it(
      'refuses a section that is asynchronous or writes to another session',
      withStore(async ({ store }) => {
        const mistakes = [
          () => store.sessions.publish('session', (async () => ({ assets: [card] })) as never),
          () => store.sessions.publish('session', () => ({ assets: [{ ...card, sessionId: 'else' }] })),
          () => store.sessions.publish('session', ({ session }) => ({ session: { ...session, sessionId: 'else' } })),
        ];
        for (const mistake of mistakes) {
          const refusal = await rejectionOf(mistake());
          expect(ImageError.isInstance(refusal) && refusal.kind).toBe('internal');
        }
        expect(await store.sessions.list()).toEqual([]);
        expect(await store.sessions.assets('session')).toEqual([]);
      }),
    );

    it(
      'numbers the events of each session from 1 without gaps',
      withStore(async ({ store, open }) => {
        const other = await open();
        const appended = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            (index % 2 === 0 ? store : other).sessions.appendEvent('session', 'noted', { index }),
          ),
        );
        expect(appended.map((event) => event.sequence).toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: 20 }, (_, index) => index + 1),
        );
        expect((await store.sessions.appendEvent('else', 'noted', {})).sequence).toBe(1);
        const events = await other.sessions.events('session');
        expect(events.map((event) => event.sequence)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
        expect(await store.sessions.events('session', 17)).toEqual(events.slice(17));
        expect(await store.sessions.events('session', 20)).toEqual([]);
        expect(events[0]?.atMs).toBeGreaterThan(0);
      }),
    );
  });
}
