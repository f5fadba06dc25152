import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from '@holodeck/core';
import type { ImageErrorFields } from '@holodeck/core/backend';
import { describe, expect, it } from 'vitest';
import { createHybridClient, readManifest } from '../src/index.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { HandClock } from './support/hand-clock.ts';
import { driver, hybrid, objects, scene } from './support/hybrid.ts';
import { closing, outputFolder } from './support/output-folder.ts';

describe('a new session', () => {
  it('takes the first backend that is not down, locks with the first image, and the rest follows', async () => {
    const [first, second, third] = ['first', 'second', 'third'].map((name) => new FakeService(name)) as [
      FakeService,
      FakeService,
      FakeService,
    ];
    first.status = 'down';
    second.status = 'unknown';
    const outputDir = await outputFolder();
    const client = hybrid(outputDir, [first, second, third]);
    const reference = await client.generateSceneReference(scene);
    expect(reference).toMatchObject({ success: true, backend: 'second', source: 'generated', epoch: 1 });
    const cards = await client.generateObjectCards({ sessionId: 's', objects });
    expect(cards.map((card) => [card.objectId, card.success, card.backend])).toEqual([
      ['面碗', true, 'second'],
      ['lamp', true, 'second'],
    ]);
    expect([first.submissions, second.submissions, third.submissions]).toEqual([0, 3, 0]);
    const manifest = await readManifest(join(outputDir, 's'));
    expect(manifest).toMatchObject({
      state: 'locked',
      backend: 'second',
      model: 'second-1',
      epoch: 1,
      sceneText: '雨夜的面馆',
    });
    expect(manifest.assets.map((asset) => [asset.id, asset.state, asset.path])).toEqual([
      ['scene-reference', 'current', 'scene-ref.png'],
      ['card/lamp', 'current', 'cards/lamp.png'],
      ['card/面碗', 'current', 'cards/面碗.png'],
    ]);
  });

  it('sends the scene reference with every card if the backend accepts it', async () => {
    const service = new FakeService('one');
    const client = hybrid(await outputFolder(), [service]);
    const reference = await client.generateSceneReference(scene);
    await client.generateObjectCards({ sessionId: 's', objects });
    const sent = service.jobs
      .slice(1)
      .map(({ request }) => request.references.map(({ role, sha256 }) => [role, sha256]));
    expect(reference.success).toBe(true);
    expect(sent).toEqual([
      [['style', reference.success && reference.sha256]],
      [['style', reference.success && reference.sha256]],
    ]);
  });

  it('sends one pilot while all others wait', async () => {
    const service = new FakeService('one');
    const arrived = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    service.onSubmit = async (_request, ordinal) => {
      if (ordinal > 1) return undefined;
      arrived.resolve();
      await answer.promise;
      return undefined;
    };
    const client = hybrid(await outputFolder(), [service]);
    const cards = client.generateObjectCards({ sessionId: 's', withoutReference: true, objects });
    await arrived.promise;
    expect(await client.session('s').lock).toMatchObject({ state: 'claimed', epoch: 1, backend: 'one' });
    expect(service.submissions).toBe(1);
    answer.resolve();
    expect((await cards).map(({ success }) => success)).toEqual([true, true]);
    expect(service.submissions).toBe(2);
    expect(await client.session('s').lock).toMatchObject({ state: 'locked', epoch: 1 });
  });

  it('says what is missing when every backend is down, and sends nothing', async () => {
    const [first, second] = [new FakeService('first'), new FakeService('second')];
    first.status = 'down';
    second.status = 'down';
    const client = hybrid(await outputFolder(), [first, second]);
    const result = await client.generateSceneReference(scene);
    expect(result).toMatchObject({
      success: false,
      error: { kind: 'unavailable', outcome: 'not-submitted', code: 'no-backend-available' },
    });
    expect(result.success ? '' : result.error.message).toContain('second is down');
    expect(first.submissions + second.submissions).toBe(0);
    expect(await client.session('s').lock).toMatchObject({ state: 'free', epoch: 0 });
  });
});

describe('what a failed pilot does', () => {
  const moving = ['unreachable', 'overloaded', 'auth', 'quota'] as const;
  it.each(moving)('%s: the next backend tries, one epoch later', async (name) => {
    const [first, second] = [new FakeService('first'), new FakeService('second')];
    const clock = new HandClock();
    first.onSubmit = () => {
      // An overloaded service is tried until the deadline.
      if (name === 'overloaded') void clock.end(driver.timeoutMs);
      return faults[name];
    };
    const client = hybrid(await outputFolder(), [first, second], { internal: { clock } });
    const [, card] = await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects });
    expect(card).toMatchObject({ success: true, backend: 'second', epoch: 2 });
    expect(second.jobs).toHaveLength(2);
    const { reason } = await client.session('s').lock;
    expect(reason).toContain('first could not be used');
  });

  const staying: readonly (readonly [string, ImageErrorFields, 'submit' | 'collect', 'free' | 'claimed'])[] = [
    ['content policy', faults.contentPolicy, 'submit', 'free'],
    ['invalid request', faults.invalid, 'submit', 'free'],
    ['job failed', faults.failed, 'collect', 'free'],
    ['picture lost', faults.lost, 'collect', 'free'],
    ['unknown', faults.unknown, 'submit', 'claimed'],
    ['accepted and away', faults.away, 'collect', 'claimed'],
  ];
  it.each(staying)('%s: no other backend is asked', async (_name, fault, step, state) => {
    const [first, second] = [new FakeService('first'), new FakeService('second')];
    if (step === 'submit') first.onSubmit = () => fault;
    else first.onCollect = () => fault;
    const client = hybrid(await outputFolder(), [first, second]);
    const result = await client.generateSceneReference(scene);
    expect(result).toMatchObject({ success: false, error: { kind: fault.kind, outcome: fault.outcome } });
    expect(second.submissions).toBe(0);
    const lock = await client.session('s').lock;
    expect(lock.state).toBe(state);
    expect(lock.owner).toBeUndefined();
    // The next image tries the same backend again.
    first.onSubmit = () => undefined;
    first.onCollect = () => undefined;
    const [card] = await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects });
    expect(card).toMatchObject({ success: true, backend: 'first' });
    expect(second.submissions).toBe(0);
  });

  it('ends free if all backends fail, and waiting calls share the error', async () => {
    const [first, second] = [new FakeService('first'), new FakeService('second')];
    first.onSubmit = () => faults.auth;
    second.onSubmit = () => faults.quota;
    const client = hybrid(await outputFolder(), [first, second]);
    const cards = await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects });
    for (const card of cards) {
      expect(card).toMatchObject({
        success: false,
        error: { kind: 'quota', outcome: 'rejected', code: 'no-backend-available' },
      });
    }
    expect([first.submissions, second.submissions]).toEqual([1, 1]);
    expect(await client.session('s').lock).toMatchObject({ state: 'free', epoch: 2 });
  });

  it('a failed card does not affect the others', async () => {
    const service = new FakeService('one');
    service.onSubmit = (request) => (request.prompt.includes('lamp') ? faults.contentPolicy : undefined);
    const client = hybrid(await outputFolder(), [service]);
    const [bowl, lamp] = await client.generateObjectCards({ sessionId: 's', withoutReference: true, objects });
    expect(bowl?.success).toBe(true);
    expect(lamp).toMatchObject({ success: false, objectId: 'lamp', error: { kind: 'content-policy' } });
  });
});

describe('a locked session', () => {
  it('never moves a single asset, and the error names the choices', async () => {
    const [first, second] = [new FakeService('first'), new FakeService('second')];
    const client = hybrid(await outputFolder(), [first, second]);
    await client.generateSceneReference(scene);
    first.onSubmit = () => faults.unreachable;
    const [card] = await client.generateObjectCards({ sessionId: 's', objects });
    expect(card).toMatchObject({ success: false, error: { kind: 'unavailable', outcome: 'not-submitted' } });
    expect(card?.success === false && card.error.message).toMatch(/locked to first.*restart.*relock/s);
    expect(second.submissions).toBe(0);
  });

  it('sends no probe', async () => {
    const [first, second] = [new FakeService('first'), new FakeService('second')];
    const outputDir = await outputFolder();
    await hybrid(outputDir, [first, second]).generateSceneReference(scene);
    first.probes = second.probes = 0;
    await hybrid(outputDir, [first, second]).generateObjectCards({ sessionId: 's', objects });
    expect([first.probes, second.probes]).toEqual([0, 0]);
  });

  it.each([
    ['another model', { model: 'other' }],
    ['another fingerprint', { fingerprint: 'other' }],
  ])('refuses %s, even if everything is made already', async (_name, changes) => {
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    await hybrid(outputDir, [service]).generateSceneReference(scene);
    const changed = closing(createHybridClient({ backends: [service.backend(changes)], outputDir, cards: false }));
    const result = await changed.generateSceneReference(scene);
    expect(result).toMatchObject({
      success: false,
      error: { kind: 'session', outcome: 'not-submitted', code: 'lock-mismatch' },
    });
    expect(service.submissions).toBe(1);
  });

  it('refuses to go on without its backend', async () => {
    const [first, second] = [new FakeService('first'), new FakeService('second')];
    const outputDir = await outputFolder();
    await hybrid(outputDir, [first]).generateSceneReference(scene);
    const [card] = await hybrid(outputDir, [second]).generateObjectCards({ sessionId: 's', objects });
    expect(card).toMatchObject({ success: false, error: { code: 'lock-mismatch' } });
    expect(second.submissions).toBe(0);
  });

  it('makes no existing image again, in another process either', async () => {
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    const run = async (): Promise<(string | undefined)[]> => {
      const client = hybrid(outputDir, [service]);
      const reference = await client.generateSceneReference(scene);
      const cards = await client.generateObjectCards({ sessionId: 's', objects });
      return [reference, ...cards].map((result) => (result.success ? result.source : result.error.message));
    };
    expect(await run()).toEqual(['generated', 'generated', 'generated']);
    const manifest = await readFile(join(outputDir, 's', 'manifest.json'), 'utf8');
    expect(await run()).toEqual(['resumed', 'resumed', 'resumed']);
    expect(service.submissions).toBe(3);
    expect(await readFile(join(outputDir, 's', 'manifest.json'), 'utf8')).toBe(manifest);
  });
});

describe('release and relock', () => {
  it('are refused if there are images, unless they may be discarded', async () => {
    const [first, second] = [new FakeService('first'), new FakeService('second')];
    const client = hybrid(await outputFolder(), [first, second]);
    await client.generateSceneReference(scene);
    const session = client.session('s');
    await expect(session.release()).rejects.toMatchObject({ kind: 'session', code: 'assets-exist' });
    await expect(session.relock({ backend: 'nobody', discardAssets: true })).rejects.toThrow(
      /"nobody" is not configured/,
    );
    await session.relock({ backend: 'second', discardAssets: true });
    expect(await session.lock).toMatchObject({ state: 'free', epoch: 2 });
    expect((await session.assets).map(({ state }) => state)).toEqual(['stale']);
    const again = await client.generateSceneReference(scene);
    expect(again).toMatchObject({ success: true, backend: 'second', epoch: 3, source: 'generated' });
    const [card] = await client.generateObjectCards({ sessionId: 's', objects });
    expect(card).toMatchObject({ success: true, backend: 'second' });
    expect((await session.assets).every((asset) => asset.backend === 'second')).toBe(true);
  });

  it('need no permission if there is no image', async () => {
    const service = new FakeService('one');
    service.onCollect = () => faults.away;
    const client = hybrid(await outputFolder(), [service]);
    await client.generateSceneReference(scene);
    const session = client.session('s');
    expect((await session.lock).state).toBe('claimed');
    await session.release();
    expect(await session.lock).toMatchObject({ state: 'free', epoch: 2 });
  });

  it('keep a late image of the old epoch apart, recorded as paid', async () => {
    const [first, second] = [new FakeService('first'), new FakeService('second')];
    const submitted = Promise.withResolvers<void>();
    const delivered = Promise.withResolvers<void>();
    first.onCollect = async () => {
      submitted.resolve();
      await delivered.promise;
      return undefined;
    };
    const outputDir = await outputFolder();
    const slow = hybrid(outputDir, [first, second]);
    const other = hybrid(outputDir, [first, second]);
    const late = slow.generateSceneReference(scene);
    await submitted.promise;
    await other.session('s').relock({ backend: 'second' });
    const now = await other.generateSceneReference(scene);
    expect(now).toMatchObject({ success: true, backend: 'second' });
    delivered.resolve();
    // The late caller follows the session.
    expect(await late).toMatchObject({ success: true, backend: 'second', sha256: now.success && now.sha256 });
    const manifest = await readManifest(join(outputDir, 's'));
    expect(manifest).toMatchObject({ backend: 'second', cost: { paidSubmissions: 2 } });
    expect(manifest.assets.map(({ state, backend, epoch }) => [state, backend, epoch])).toEqual([
      ['current', 'second', 3],
      ['superseded', 'first', 1],
    ]);
    const superseded = manifest.assets[1];
    expect(superseded?.path).toMatch(/^superseded\/1\//);
    await readFile(join(outputDir, 's', String(superseded?.path)));
    expect(second.submissions).toBe(1);
  });
});

it('errors are ImageErrors that survive JSON', async () => {
  const service = new FakeService('one');
  service.onSubmit = () => faults.contentPolicy;
  const result = await hybrid(await outputFolder(), [service]).generateSceneReference(scene);
  expect(!result.success && ImageError.fromJSON(result.error.toJSON()).toJSON()).toEqual(
    !result.success && result.error.toJSON(),
  );
});
