/** A session's lock. */
export interface SessionRecord {
  readonly sessionId: string;
  readonly state: 'free' | 'claimed' | 'locked';
  /** Rises with every choice of a backend. Only assets of the current epoch are stored. */
  readonly epoch: number;
  readonly backend?: string;
  readonly model?: string;
  readonly fingerprint?: string;
  /** Why this backend was chosen, for people. */
  readonly reason?: string;
  /** The probe reports at that time, plain JSON. */
  readonly probes?: readonly unknown[];
  /** Id of the owner that holds the claim. */
  readonly owner?: string;
  readonly acquiredAtMs?: number;
  /** When a claim's lease expires; a lock does not expire. */
  readonly expiresAtMs?: number;
  /** Plain JSON of the caller: scene text, style, counters. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Rises with every write, for compare-and-set. 0 = not stored yet. */
  readonly revision: number;
}

/** One asset of a session: a scene reference, a card or another image. */
export interface AssetRecord {
  readonly sessionId: string;
  /** `scene-reference`, `card/<objectId>`, `image/<id>`. */
  readonly assetId: string;
  readonly epoch: number;
  /** `current` = made under the session's epoch; `stale` = to be made again; `failed` = no image; `superseded` = paid, but too late to become current. */
  readonly state: 'pending' | 'current' | 'stale' | 'failed' | 'superseded';
  /** Plain JSON: the request and its result. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly updatedAtMs: number;
}

/** One event of a session. */
export interface SessionEventRecord {
  /** From 1, without gaps in the session. */
  readonly sequence: number;
  readonly atMs: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a publish section sees. */
export interface PublishSection {
  readonly session: SessionRecord;
  readonly assets: readonly AssetRecord[];
}

/** What a publish section returns: the records to write together. */
export interface PublishWrites {
  readonly assets?: readonly AssetRecord[];
  /** Replaces the session record (its revision is set by the store). */
  readonly session?: SessionRecord;
  readonly events?: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[];
}

/** Where sessions, assets and events are kept. Rejects with an `ImageError` of kind `storage` when it cannot be used. */
export interface SessionStore {
  get(sessionId: string): Promise<SessionRecord | undefined>;
  list(): Promise<readonly SessionRecord[]>;
  /**
   * Writes `next` if the stored revision is still `revision` (0 = there is no record). Resolves with the stored record, or
   * undefined if another process was faster.
   */
  compareAndSet(revision: number, next: Omit<SessionRecord, 'revision'>): Promise<SessionRecord | undefined>;
  assets(sessionId: string): Promise<readonly AssetRecord[]>;
  /**
   * The publish section: no other process publishes or changes this session while `work` runs, and its writes become visible
   * together. `work` is synchronous, so file renames inside it and the commit are one step. If it throws, nothing is written.
   * A session without a record has revision 0 and state `free`.
   */
  publish(sessionId: string, work: (section: PublishSection) => PublishWrites): Promise<PublishSection>;
  appendEvent(sessionId: string, type: string, data: Readonly<Record<string, unknown>>): Promise<SessionEventRecord>;
  /** Events after `sequence`, oldest first. */
  events(sessionId: string, afterSequence?: number): Promise<readonly SessionEventRecord[]>;
}
