import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PermitStore } from '@holodeck/core/stores';
import { startHunyuanEmulator } from '@holodeck/emulators';
import { createHunyuanClient } from '@holodeck/hunyuan';
import { openRedisPermits, openRedisStore } from '@holodeck/redis';
import { expect, it } from 'vitest';
import { startRedisServer } from './support/redis-server.ts';

/** The same permits, whose lease counts as run out the first time that it is asked for. */
class LapsingPermits implements PermitStore {
  readonly reach = 'network';
  readonly told: string[] = [];
  readonly #permits: PermitStore;
  #lapsed = false;

  constructor(permits: PermitStore) {
    this.#permits = permits;
  }

  async tryAcquire(request: Parameters<PermitStore['tryAcquire']>[0]): Promise<boolean> {
    this.told.push('acquire');
    return this.#permits.tryAcquire(request);
  }

  isHeld(lane: string, key: string): boolean {
    this.told.push('check');
    const held = this.#permits.isHeld(lane, key) && this.#lapsed;
    this.#lapsed = true;
    return held;
  }

  async release(lane: string, key: string): Promise<void> {
    this.told.push('release');
    return this.#permits.release(lane, key);
  }

  recallDurations: PermitStore['recallDurations'] = async (lane) => this.#permits.recallDurations(lane);
  keepDurations: PermitStore['keepDurations'] = async (lane, record) => this.#permits.keepDurations(lane, record);
  adopt: PermitStore['adopt'] = async (request) => this.#permits.adopt(request);
  count: PermitStore['count'] = async (lane) => this.#permits.count(lane);
  waitForRelease: PermitStore['waitForRelease'] = async (...args) => this.#permits.waitForRelease(...args);
  reserveRate: PermitStore['reserveRate'] = async (...args) => this.#permits.reserveRate(...args);
  snapshotLane: PermitStore['snapshotLane'] = async (...args) => this.#permits.snapshotLane(...args);
  compareAndSetLearned: PermitStore['compareAndSetLearned'] = async (update) =>
    this.#permits.compareAndSetLearned(update);
  close: PermitStore['close'] = async () => this.#permits.close();
}

it('submits nothing under a lease that has run out: it is taken again first', async () => {
  const server = await startRedisServer();
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-lease-'));
  const emulator = await startHunyuanEmulator({ jobMs: 20 });
  const permits = new LapsingPermits(await openRedisPermits({ url: server.url }));
  const store = await openRedisStore({ url: server.url });
  const { secretId, secretKey } = emulator.credentials;
  const options = { endpoint: emulator.url, secretId, secretKey, store, permits, outputDir: folder };
  const client = createHunyuanClient(options);
  try {
    const { success } = await client.generate({ prompt: '雨夜的面馆', size: '512x512' });
    expect(success).toBe(true);
    expect(permits.told.slice(0, 4)).toEqual(['acquire', 'check', 'release', 'acquire']);
    expect(emulator.ledger.submissions).toBe(1);
  } finally {
    await client.close();
    await permits.close();
    await store.close();
    await emulator.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
});
