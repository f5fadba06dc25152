import { systemClock } from '@holodeck/core/backend';
import { heartbeatIntervalMs, isOwnerProcessAlive, ownerLeaseMs, type Owner } from '@holodeck/core/stores';
import { startInterval } from '@holodeck/core/stores';
import type { RedisConnection } from '../connection/redis-connection.ts';
import { removeOwners, touchOwners } from '../scripts/owner-scripts.ts';

/** How long an owner is kept after its last heartbeat: one day. */
const forgetOwnersAfterMs = 86_400_000;

/** The grace after the server was down, in milliseconds: two heartbeats. */
export const graceMs: number = 2 * heartbeatIntervalMs;

/** How often an owner beats: often enough to notice a failed machine within seconds. */
const beatIntervalMs = 1000;
/** An owner without a heartbeat for this long is silent, in milliseconds. */
const silentAfterMs = 3500;
/** If nobody beat for so long, the server may have been down, in milliseconds. */
const gapMs = 2500;

/** The owners that a server knows, and the heartbeats of those registered here. Times are the server's. */
export class RedisOwners {
  readonly #connection: RedisConnection;
  readonly #key: string;
  readonly #own = new Set<string>();
  #stopHeartbeat: (() => void) | undefined;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
    this.#key = `${connection.prefix}:owners`;
    connection.onReady(() => void this.#beat());
  }

  async register(owner: Owner): Promise<void> {
    await this.#touch('beat', [owner.id]);
    this.#own.add(owner.id);
    this.#stopHeartbeat ??= startInterval(systemClock, beatIntervalMs, () => void this.#beat());
  }

  /** False for a dead process of this host; otherwise the age of the last heartbeat decides. */
  async isAlive(ownerId: string): Promise<boolean> {
    if (isOwnerProcessAlive(ownerId) === false) return false;
    if (this.#own.has(ownerId)) return true;
    const [state] = await this.#touch('ask', [ownerId]);
    return state !== 0;
  }

  /** True if it has not beaten for some seconds, by the server's clock; never soon after the server was down. */
  async isSilent(ownerId: string): Promise<boolean> {
    if (this.#own.has(ownerId)) return false;
    const [state] = await this.#touch('ask', [ownerId]);
    return state !== 1;
  }

  /** Stops the heartbeats, and removes the owners that were registered here. */
  async close(): Promise<void> {
    this.#stopHeartbeat?.();
    const own = [...this.#own];
    this.#own.clear();
    if (own.length === 0 || !this.#connection.isReady) return;
    try {
      await this.#connection.run(removeOwners, [this.#key], own);
    } catch {
      // Their leases expire soon.
    }
  }

  async #beat(): Promise<void> {
    if (this.#own.size === 0 || !this.#connection.isReady) return;
    try {
      await this.#touch('beat', [...this.#own]);
    } catch {
      // The next beat tries again; calls that matter report the failure themselves.
    }
  }

  async #touch(mode: 'beat' | 'ask', ids: readonly string[]): Promise<readonly number[]> {
    const times = [ownerLeaseMs, graceMs, forgetOwnersAfterMs, silentAfterMs, gapMs];
    const args = [...times, mode === 'beat' ? 1 : 0, ...ids];
    return (await this.#connection.run(touchOwners, [this.#key], args)) as readonly number[];
  }
}
