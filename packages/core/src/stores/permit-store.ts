/** A request for one permit: the right to have one job at a provider. */
export interface PermitRequest {
  readonly lane: string;
  /** How many jobs this client allows on the lane at once. */
  readonly limit: number;
  /** The attempt's key, unique. */
  readonly key: string;
  /** Id of the owner that asks. */
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
 * The phase of a permit: nothing was sent yet; the job runs at the provider; the job has ended, and the permit stays taken for
 * as long as the provider may keep the slot.
 */
export type PermitPhase = 'waiting' | 'running' | 'ended';

/** One permit that is taken. */
export interface PermitView {
  readonly key: string;
  readonly owner: string;
  readonly phase: PermitPhase;
}

/** What the clients of a lane have learned together about its limit. */
export interface LearnedRecord {
  /** The stored text; only clients know what it means. */
  readonly learned: string;
  /** Rises with every write. */
  readonly revision: number;
  /** How long ago it was written, by the store's clock, in milliseconds. */
  readonly ageMs: number;
}

/** The shared state of a lane. */
export interface LaneView {
  /** Permits of live owners, oldest grant first. */
  readonly permits: readonly PermitView[];
  /** Absent until something is written. */
  readonly record?: LearnedRecord;
}

/** What a client has learned, to share with the others. */
export interface LearnedUpdate {
  readonly lane: string;
  /** Names the client's settings: clients with the same settings learn together. */
  readonly about: string;
  readonly learned: string;
  /** The revision that it is based on; 0 = nothing was written yet. */
  readonly revision: number;
  /** New phases of this client's permits; unknown keys are ignored. */
  readonly phases: readonly Pick<PermitView, 'key' | 'phase'>[];
  /** Whether more jobs may run than before, so that waiting clients ask again. */
  readonly wake: boolean;
}

/**
 * Bounds the jobs that run at a provider, shared by one process (memory), one machine (SQLite) or several (Redis). Permits of
 * a dead owner become free again.
 */
export interface PermitStore {
  /** How far the store is shared, for people and warnings. */
  readonly reach: 'process' | 'machine' | 'network';
  /**
   * Resolves true if granted; false if `limit` permits are taken, or the free ones are due to owners that have waited longer.
   * A refused request keeps its place in the line by asking again within 3 s; `release` gives the place up.
   */
  tryAcquire(request: PermitRequest): Promise<boolean>;
  /** Takes a permit for a job that already runs (resumed), above the limit if need be. Its phase is `running`. */
  adopt(request: Omit<PermitRequest, 'limit'>): Promise<void>;
  /**
   * False if the permit is a lease that may have expired: acquire it again before you submit under it. Always true where
   * permits cannot be lost.
   */
  isHeld(lane: string, key: string): boolean;
  /** Gives a permit back, or the place in the line; unknown keys are ignored. */
  release(lane: string, key: string): Promise<void>;
  /** Permits that live owners hold on the lane. */
  count(lane: string): Promise<number>;
  /** Resolves when a permit of the lane may be free, or after `maxWaitMs`; rejects on abort. */
  waitForRelease(lane: string, maxWaitMs: number, signal: AbortSignal): Promise<void>;
  /**
   * Reserves the next slot for one request of this kind: at most `perSecond` a second over all clients. Resolves with the
   * wait until then, in milliseconds.
   */
  reserveRate(lane: string, kind: 'submit' | 'query', perSecond: number): Promise<number>;
  /** Durations that earlier runs have measured on the lane; empty where the store does not outlive the process. */
  recallDurations(lane: string): Promise<readonly DurationRecord[]>;
  /** Replaces the durations under the record's key. */
  keepDurations(lane: string, record: DurationRecord): Promise<void>;
  /** The lane's permits and what was learned about it, read together. */
  snapshotLane(lane: string, about: string): Promise<LaneView>;
  /**
   * Writes what was learned and the new phases in one step. Resolves false, and writes nothing, if the stored revision is not
   * `revision`: another client was faster.
   */
  compareAndSetLearned(update: LearnedUpdate): Promise<boolean>;
  close(): Promise<void>;
}
