/** A request for one permit: the right to have one job at a provider. */
export interface PermitRequest {
  readonly lane: string;
  /** How many jobs may run on the lane at once, as this asker sees it. */
  readonly limit: number;
  /** The attempt's key, unique. */
  readonly key: string;
  /** Id of the asking owner. */
  readonly owner: string;
}

/** How long the last jobs of one kind took on a lane. */
export interface DurationRecord {
  /** What the durations depend on: model and size. */
  readonly key: string;
  /** Milliseconds, oldest first. */
  readonly durationsMs: readonly number[];
}

/**
 * What has become of a permit: its holder has sent nothing yet; its job runs at the provider; its job is over, and the slot
 * is held for as long as the provider may hold it.
 */
export type PermitPhase = 'waiting' | 'running' | 'ended';

/** One permit that is out. */
export interface PermitView {
  readonly key: string;
  readonly owner: string;
  readonly phase: PermitPhase;
}

/** What the clients of a lane have learned together. */
export interface LearnedRecord {
  /** As it was kept; only clients know what it means. */
  readonly learned: string;
  /** Rises with each time it is kept. */
  readonly revision: number;
  /** How long ago it was kept, by the store's clock, in milliseconds. */
  readonly ageMs: number;
}

/** A lane as all see it who use it. */
export interface LaneView {
  /** Permits of owners that are alive, in the order in which they were granted. */
  readonly permits: readonly PermitView[];
  /** Absent where nothing was kept yet. */
  readonly record?: LearnedRecord;
}

/** What a client has learned, to be kept for all. */
export interface LearnedUpdate {
  readonly lane: string;
  /** Clients with the same settings learn together; this names the settings. */
  readonly about: string;
  readonly learned: string;
  /** The revision from which it was learned; 0 where nothing was kept. */
  readonly revision: number;
  /** What has become of permits of this client meanwhile; unknown keys do nothing. */
  readonly phases: readonly Pick<PermitView, 'key' | 'phase'>[];
  /** Whether more jobs may run than before, so that those who wait ask again. */
  readonly wake: boolean;
}

/**
 * Bounds the jobs that really run at a provider, shared as widely as the store is: one process (memory), one machine
 * (SQLite), several (Redis). Permits of an owner that is dead are free again.
 */
export interface PermitStore {
  /** For people and warnings: how far this store reaches. */
  readonly reach: 'process' | 'machine' | 'network';
  /**
   * Resolves true when granted, false when `limit` permits are out, or when what is free is due to owners who have waited
   * for longer. One that is refused keeps its place in the line by asking again within 3 s; `release` gives the place up.
   */
  tryAcquire(request: PermitRequest): Promise<boolean>;
  /** Takes a permit for a job that runs already (resumed), whatever the limit says. Its phase is `running`. */
  adopt(request: Omit<PermitRequest, 'limit'>): Promise<void>;
  /**
   * For permits that are leases: false when the lease may have run out, so that the permit must be taken again before
   * anything is submitted under it. Absent where permits cannot be lost.
   */
  isHeld?(lane: string, key: string): boolean;
  /** Gives a permit back, or the place in the line for one; unknown keys do nothing. */
  release(lane: string, key: string): Promise<void>;
  /** Permits that are out on the lane, over all owners that are alive. */
  count(lane: string): Promise<number>;
  /** Resolves when a permit of this lane may have become free, or after at most `maxWaitMs`; rejects on abort. */
  waitForRelease(lane: string, maxWaitMs: number, signal: AbortSignal): Promise<void>;
  /**
   * Reserves the next moment for one request of this kind on the lane, at most `perSecond` of them a second over all
   * sharers; resolves with how long to wait, in milliseconds.
   */
  reserveRate(lane: string, kind: 'submit' | 'query', perSecond: number): Promise<number>;
  /** What earlier clients have measured on the lane. Absent = nothing is kept between runs. */
  recallDurations?(lane: string): Promise<readonly DurationRecord[]>;
  /** Keeps what was measured, in place of what was kept under that key. */
  keepDurations?(lane: string, record: DurationRecord): Promise<void>;
  /** The permits of a lane and what was learned of it, in one look. */
  snapshotLane(lane: string, about: string): Promise<LaneView>;
  /**
   * Keeps what was learned, and notes what has become of permits, in one step. Resolves false, and writes nothing, when
   * somebody else was faster: what is kept has another revision.
   */
  compareAndSetLearned(update: LearnedUpdate): Promise<boolean>;
  close(): Promise<void>;
}
