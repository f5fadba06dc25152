/** A session's lock. See the design's section on the session lock. */
export interface SessionRecord {
  readonly sessionId: string;
  readonly state: 'free' | 'claimed' | 'locked';
  /** Rises with every choice of a backend; an asset is stored only under the current one. */
  readonly epoch: number;
  readonly backend?: string;
  readonly model?: string;
  readonly fingerprint?: string;
  /** Why this backend: a sentence for people. */
  readonly reason?: string;
  /** The probe reports at the time of the choice, plain JSON. */
  readonly probes?: readonly unknown[];
  /** Id of the owner that holds the claim. */
  readonly owner?: string;
  readonly acquiredAtMs?: number;
  /** A claim's lease ends here; a lock has none. */
  readonly expiresAtMs?: number;
  /** Plain JSON of the session's user: scene text, style, counters. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Rises with every write; what compare-and-set compares. 0 = not stored yet. */
  readonly revision: number;
}

/** One asset of a session: a scene reference, a card, another image. */
export interface AssetRecord {
  readonly sessionId: string;
  /** `scene-reference`, `card/<objectId>`, `image/<id>`. */
  readonly assetId: string;
  readonly epoch: number;
  /** `current` = stored under the session's epoch; `stale` = to be made again; `failed` = no image; `superseded` = late, paid, never current. */
  readonly state: 'pending' | 'current' | 'stale' | 'failed' | 'superseded';
  /** Plain JSON: what was asked for and what came back. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly updatedAtMs: number;
}

/** One line of a session's story. */
export interface SessionEventRecord {
  /** From 1, without gaps, per session. */
  readonly sequence: number;
  readonly atMs: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a publish section sees and may change. */
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
   * Writes `next` if the stored revision is still `revision` (0 = no record exists); resolves with what is stored after a
   * success, and with undefined when somebody else was faster.
   */
  compareAndSet(revision: number, next: Omit<SessionRecord, 'revision'>): Promise<SessionRecord | undefined>;
  assets(sessionId: string): Promise<readonly AssetRecord[]>;
  /**
   * The publish section: nobody else publishes or changes this session's record while `work` runs, and all its writes
   * become visible together. `work` is synchronous, so that file renames inside it and the commit are one step; when it
   * throws, nothing is written. A session without a record is handed over with revision 0 and state `free`.
   */
  publish(sessionId: string, work: (section: PublishSection) => PublishWrites): Promise<PublishSection>;
  appendEvent(sessionId: string, type: string, data: Readonly<Record<string, unknown>>): Promise<SessionEventRecord>;
  /** Events after `sequence`, oldest first. */
  events(sessionId: string, afterSequence?: number): Promise<readonly SessionEventRecord[]>;
}
