import { systemClock } from '@holodeck/core/backend';
import { heartbeatIntervalMs, isOwnerProcessAlive, ownerLeaseMs, type Owner } from '@holodeck/core/stores';
import { startInterval } from '@holodeck/core/stores';
import type { RedisConnection } from '../connection/redis-connection.ts';
import { removeOwners, touchOwners } from '../scripts/owner-scripts.ts';

/** How long an owner is kept after its last sign of life. One day. */
const forgetOwnersAfterMs = 86_400_000;

/** What is granted after a time in which the server was away, in milliseconds: two heartbeats. */
export const graceMs: number = 2 * heartbeatIntervalMs;

/** How often an owner shows that it lives: often enough that a machine that failed is noticed within seconds. */
const beatIntervalMs = 1000;
/** After this long without a sign of life an owner is silent, in milliseconds. */
const silentAfterMs = 3500;
/** If nobody gave a sign of life for so long, the server may have been away, in milliseconds. */
const gapMs = 2500;

/** The owners that a server knows, and the heartbeats of those that were registered here. Time is the server's. */
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

  /** False at once for a process of this host that is gone; else by the age of the last heartbeat. */
  async isAlive(ownerId: string): Promise<boolean> {
    if (isOwnerProcessAlive(ownerId) === false) return false;
    if (this.#own.has(ownerId)) return true;
    const [state] = await this.#touch('ask', [ownerId]);
    return state !== 0;
  }

  /** True when nothing was heard of it for some seconds; by the server's clock, and not soon after the server was away. */
  async isSilent(ownerId: string): Promise<boolean> {
    if (this.#own.has(ownerId)) return false;
    const [state] = await this.#touch('ask', [ownerId]);
    return state !== 1;
  }

  /** Stops the heartbeats: whoever was registered here holds nothing any more. */
  async close(): Promise<void> {
    this.#stopHeartbeat?.();
    const own = [...this.#own];
    this.#own.clear();
    if (own.length === 0 || !this.#connection.isReady) return;
    try {
      await this.#connection.run(removeOwners, [this.#key], own);
    } catch {
      // The lease says the same a little later.
    }
  }

  async #beat(): Promise<void> {
    if (this.#own.size === 0 || !this.#connection.isReady) return;
    try {
      await this.#touch('beat', [...this.#own]);
    } catch {
      // A server that is away shows at the next call that matters; the next beat tries again.
    }
  }

  async #touch(mode: 'beat' | 'ask', ids: readonly string[]): Promise<readonly number[]> {
    const times = [ownerLeaseMs, graceMs, forgetOwnersAfterMs, silentAfterMs, gapMs];
    const args = [...times, mode === 'beat' ? 1 : 0, ...ids];
    return (await this.#connection.run(touchOwners, [this.#key], args)) as readonly number[];
  }
}
