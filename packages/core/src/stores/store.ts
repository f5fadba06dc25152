import type { Owner } from './owner.ts';
import type { SessionStore } from './session-store.ts';
import type { TaskStore } from './task-store.ts';

/** Everything that outlives a call: tasks, sessions, assets, events. One per output folder. */
export interface Store {
  readonly kind: string;
  /** Whether what is written survives the process. */
  readonly durable: boolean;
  /** For people and errors: a path or an address without a password. */
  readonly location: string;
  readonly tasks: TaskStore;
  readonly sessions: SessionStore;
  /** Makes an owner known and keeps its heartbeat going until `close`. */
  registerOwner(owner: Owner): Promise<void>;
  /** False when that owner's process is gone (at once on this host), or its heartbeat is older than the lease of 30 s. */
  isOwnerAlive(ownerId: string): Promise<boolean>;
  /**
   * True when that owner has given no sign of life for some seconds, although it may still live. Enough to collect its jobs,
   * which two may do at no cost; not enough to judge a submission. Absent: `isOwnerAlive` alone tells.
   */
  isOwnerSilent?(ownerId: string): Promise<boolean>;
  close(): Promise<void>;
}
