import { systemClock, type Clock } from '../../internal/clock.ts';
import { MemorySessions } from './memory-sessions.ts';
import { MemoryTasks } from './memory-tasks.ts';
import { isOwnerProcessAlive } from '../owner.ts';
import type { Store } from '../store.ts';

/** What `createMemoryStore` takes. */
export interface MemoryStoreOptions {
  /**
   * How many settled rows (`done`, `rejected`, `failed`, `lost`, `cancelled`) are kept; the oldest are dropped first. This
   * bounds the memory of endless streams. Open and `unknown` rows are always kept. Default 10 000.
   */
  readonly maxSettledRows?: number;
  /** For tests: a clock. */
  readonly internal?: { readonly clock?: Clock };
}

/** A store in memory, gone with the process. Share it by sharing the object. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const { maxSettledRows = 10_000, internal: { clock = systemClock } = {} } = options;
  const owners = new Set<string>();
  // A registered owner is in this process, so it needs no heartbeat.
  const isOwnerAlive = (ownerId: string) => owners.has(ownerId) && isOwnerProcessAlive(ownerId) !== false;
  return {
    kind: 'memory',
    durable: false,
    location: 'memory of this process',
    tasks: new MemoryTasks(clock, maxSettledRows, isOwnerAlive),
    sessions: new MemorySessions(clock),
    async registerOwner(owner) {
      owners.add(owner.id);
    },
    async isOwnerAlive(ownerId) {
      return isOwnerAlive(ownerId);
    },
    async close() {
      owners.clear();
    },
  };
}
