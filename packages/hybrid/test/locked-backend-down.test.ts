import { join } from 'node:path';
import type { ImageErrorFields } from '@holodeck/core/backend';
import { systemClock } from '@holodeck/core/backend';
import { describe, expect, it } from 'vitest';
import type { HybridClient, HybridSettings } from '../src/index.ts';
import { readManifest } from '../src/index.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { driver, hybrid, objects, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

interface Locked {
  readonly client: HybridClient;
  readonly first: FakeService;
  readonly second: FakeService;
  readonly outputDir: string;
}

/** A session with a scene reference and one card, locked to `first`. */
async function locked(settings: HybridSettings): Promise<Locked> {
  const [first, second] = [new FakeService('first'), new FakeService('second')];
  const outputDir = await outputFolder();
  const client = hybrid(outputDir, [first, second], settings);
  await client.generateSceneReference(scene);
  await client.generateObjectCards({ sessionId: 's', objects: objects.slice(0, 1) });
  return { client, first, second, outputDir };
}

/** A clock on which waiting takes no time. */
function impatientClock(): { clock: typeof systemClock; slept: number[] } {
  const slept: number[] = [];
  let offset = 0;
  const clock = {
    now: () => Date.now() + offset,
    monotonic: () => performance.now() + offset,
    async sleep(ms: number, signal?: AbortSignal): Promise<void> {
      // Short sleeps belong to the stores and the driver, and its deadline is not a wait: both stay real.
      if (ms < 1000 || ms === driver.timeoutMs) return systemClock.sleep(ms, signal);
      slept.push(ms);
      offset += ms;
      return systemClock.sleep(1, signal);
    },
  };
  return { clock, slept };
}

const moves: readonly (readonly [keyof typeof faults, ImageErrorFields])[] = [
  ['unreachable', faults.unreachable],
  ['auth', faults.auth],
  ['quota', faults.quota],
];
const stays: readonly (readonly [keyof typeof faults, ImageErrorFields])[] = [
  ['contentPolicy', faults.contentPolicy],
  ['invalid', faults.invalid],
  ['unknown', faults.unknown],
];

describe('restart', () => {
  it.each(moves)('%s: makes every asset again on the next backend', async (_name, fault) => {
    const { client, first, second, outputDir } = await locked({ onLockedBackendDown: 'restart' });
    first.onSubmit = () => fault;
    const [, lamp] = await client.generateObjectCards({ sessionId: 's', objects });
    expect(lamp).toMatchObject({ success: true, backend: 'second', epoch: 2 });
    const manifest = await readManifest(join(outputDir, 's'));
    expect(manifest).toMatchObject({ state: 'locked', backend: 'second', epoch: 2 });
    expect(manifest.assets.map(({ id, state, backend, epoch }) => [id, state, backend, epoch])).toEqual([
      ['scene-reference', 'current', 'second', 2],
      ['card/lamp', 'current', 'second', 2],
      ['card/面碗', 'current', 'second', 2],
    ]);
    // The new reference came first, and the cards follow it.
    const reference = manifest.assets[0]?.sha256;
    expect(manifest.assets.slice(1).map(({ referenceSha256 }) => referenceSha256)).toEqual([reference, reference]);
    expect(second.jobs).toHaveLength(3);
  });

  it('also if only the call asks for it', async () => {
    const { client, first, second } = await locked({});
    first.onSubmit = () => faults.unreachable;
    const cards = { sessionId: 's', objects };
    const [, refused] = await client.generateObjectCards(cards);
    expect(refused).toMatchObject({ success: false });
    expect(second.jobs).toHaveLength(0);
    const [, lamp] = await client.generateObjectCards(cards, { onLockedBackendDown: 'restart' });
    expect(lamp).toMatchObject({ success: true, backend: 'second', epoch: 2 });
    await expect(client.generateObjectCards(cards, { onLockedBackendDown: 'hope' as 'fail' })).rejects.toThrow('hope');
  });

  it.each(stays)('%s: moves nothing', async (_name, fault) => {
    const { client, first, second } = await locked({ onLockedBackendDown: 'restart' });
    first.onSubmit = () => fault;
    const [, lamp] = await client.generateObjectCards({ sessionId: 's', objects });
    expect(lamp).toMatchObject({ success: false, error: { kind: fault.kind, outcome: fault.outcome } });
    expect(second.submissions).toBe(0);
    expect(await client.session('s').lock).toMatchObject({ state: 'locked', backend: 'first', epoch: 1 });
  });

  it('happens once for all cards that fail together', async () => {
    const { client, first, second } = await locked({ onLockedBackendDown: 'restart' });
    first.onSubmit = () => faults.unreachable;
    const many = Array.from({ length: 6 }, (_unused, index) => ({ id: `o${index}`, name: `object ${index}` }));
    const cards = await client.generateObjectCards({ sessionId: 's', objects: many });
    expect(cards.map((card) => [card.success, card.backend, card.success && card.epoch])).toEqual(
      many.map(() => [true, 'second', 2]),
    );
    expect(second.jobs).toHaveLength(8);
  });

  it('also for clients that race: one wins, the other follows', async () => {
    const { client, first, second, outputDir } = await locked({ onLockedBackendDown: 'restart' });
    const other = hybrid(outputDir, [first, second], { onLockedBackendDown: 'restart' });
    first.onSubmit = () => faults.unreachable;
    const results = await Promise.all([
      client.generateObjectCard({ sessionId: 's', object: { id: 'a', name: 'a' } }),
      other.generateObjectCard({ sessionId: 's', object: { id: 'b', name: 'b' } }),
    ]);
    expect(results.map((card) => [card.success, card.backend])).toEqual([
      [true, 'second'],
      [true, 'second'],
    ]);
    expect(await client.session('s').lock).toMatchObject({ epoch: 2, backend: 'second' });
    expect(second.jobs).toHaveLength(4);
  });

  it('passes the cost gate as a whole before it discards anything', async () => {
    const { client, first, second } = await locked({ onLockedBackendDown: 'restart', maxSubmissions: 3 });
    first.onSubmit = () => faults.unreachable;
    const lamp = await client.generateObjectCard({ sessionId: 's', object: { id: 'lamp', name: 'lamp' } });
    expect(lamp).toMatchObject({ success: false, error: { kind: 'budget', outcome: 'not-submitted' } });
    expect(second.submissions).toBe(0);
    expect(await client.session('s').lock).toMatchObject({ state: 'locked', backend: 'first' });
  });

  it('restores the session if no other backend can take it', async () => {
    const { client, first, second } = await locked({ onLockedBackendDown: 'restart' });
    first.onSubmit = () => faults.unreachable;
    second.onSubmit = () => faults.quota;
    const [bowl, lamp] = await client.generateObjectCards({ sessionId: 's', objects });
    expect(bowl?.success).toBe(true);
    expect(lamp).toMatchObject({ success: false });
    expect(await client.session('s').lock).toMatchObject({ state: 'locked', backend: 'first', model: 'first-1' });
    expect((await client.session('s').assets).map(({ id, state }) => [id, state])).toEqual([
      ['scene-reference', 'current'],
      ['card/lamp', 'failed'],
      ['card/面碗', 'current'],
    ]);
    first.onSubmit = () => undefined;
    const again = await client.generateObjectCards({ sessionId: 's', objects });
    expect(again.map((card) => [card.backend, card.success && card.source])).toEqual([
      ['first', 'resumed'],
      ['first', 'generated'],
    ]);
  });

  it('is refused if there is no other backend, and says so', async () => {
    const service = new FakeService('only');
    const client = hybrid(await outputFolder(), [service], { onLockedBackendDown: 'restart' });
    await client.generateSceneReference(scene);
    service.onSubmit = () => faults.unreachable;
    const card = await client.generateObjectCard({ sessionId: 's', object: { id: 'a', name: 'a' } });
    expect(card).toMatchObject({ success: false, error: { kind: 'unavailable' } });
    expect(await client.session('s').lock).toMatchObject({ state: 'locked', epoch: 1 });
  });
});

describe('wait', () => {
  it('continues when the backend is back', async () => {
    const { clock } = impatientClock();
    const { client, first, second } = await locked({
      onLockedBackendDown: 'wait',
      waitMs: 60_000,
      internal: { clock },
    });
    first.status = 'down';
    first.onSubmit = () => {
      if (first.probes < 4) return faults.unreachable;
      first.status = 'ready';
      return undefined;
    };
    const probesBefore = first.probes;
    const wake = setInterval(() => {
      if (first.probes >= probesBefore + 2) first.status = 'ready';
    }, 1);
    const card = await client.generateObjectCard({ sessionId: 's', object: { id: 'lamp', name: 'lamp' } });
    clearInterval(wake);
    expect(card).toMatchObject({ success: true, backend: 'first' });
    expect(second.submissions).toBe(0);
  });

  it('ends after waitMs', async () => {
    const { clock, slept } = impatientClock();
    const { client, first } = await locked({ onLockedBackendDown: 'wait', waitMs: 60_000, internal: { clock } });
    first.status = 'down';
    first.onSubmit = () => faults.unreachable;
    const card = await client.generateObjectCard({ sessionId: 's', object: { id: 'lamp', name: 'lamp' } });
    expect(card).toMatchObject({ success: false, error: { kind: 'unavailable', outcome: 'not-submitted' } });
    expect(slept.filter((ms) => ms < 30_000).reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(50_000);
  });

  it('does not wait for faults that time cannot mend', async () => {
    const { client, first } = await locked({ onLockedBackendDown: 'wait' });
    first.onSubmit = () => faults.quota;
    const card = await client.generateObjectCard({ sessionId: 's', object: { id: 'lamp', name: 'lamp' } });
    expect(card).toMatchObject({ success: false, error: { kind: 'quota' } });
  });

  it('ends at once on abort', async () => {
    const { client, first } = await locked({ onLockedBackendDown: 'wait', client: driver });
    const controller = new AbortController();
    first.status = 'down';
    first.onSubmit = () => {
      setImmediate(() => controller.abort());
      return faults.unreachable;
    };
    const card = await client.generateObjectCard(
      { sessionId: 's', object: { id: 'lamp', name: 'lamp' } },
      { signal: controller.signal },
    );
    expect(card).toMatchObject({ success: false, error: { outcome: 'not-submitted' } });
  });
});
