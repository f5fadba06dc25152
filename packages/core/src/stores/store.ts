import type { Owner } from './owner.ts';
import type { SessionStore } from './session-store.ts';
import type { TaskStore } from './task-store.ts';

/** The state of one output folder: tasks, sessions, assets, events. */
export interface Store {
  readonly kind: string;
  /** Whether what is written survives the process. */
  readonly durable: boolean;
  /** A path, or an address without a password, for people and errors. */
  readonly location: string;
  readonly tasks: TaskStore;
  readonly sessions: SessionStore;
  /** Registers an owner and keeps its heartbeat going until `close`. */
  registerOwner(owner: Owner): Promise<void>;
  /** False if the owner's process is gone (at once on this host) or its heartbeat is older than 30 s. */
  isOwnerAlive(ownerId: string): Promise<boolean>;
  /**
   * True if the owner has missed heartbeats for some seconds, although it may still be alive. Enough to collect its jobs, which
   * is free even if two clients do it; not enough to judge a submission. Absent = only `isOwnerAlive` decides.
   */
  isOwnerSilent?(ownerId: string): Promise<boolean>;
  close(): Promise<void>;
}
